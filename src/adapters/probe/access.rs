//! Who we are to a server, and whom we trust.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use super::http::{Basic, HeaderKey};
use crate::adapters::secret::Secret;
use crate::adapters::tls;
use crate::error::{Error, Result};

/// Who we are to a server, and whom we trust.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Access {
    /// A token to send as `Authorization: Bearer`.
    pub bearer: Option<Secret>,
    /// The file that holds that token.
    pub bearer_file: Option<PathBuf>,
    /// A name and password to send as `Authorization: Basic`.
    pub basic: Option<Basic>,
    /// Headers to send.
    pub headers: BTreeMap<HeaderKey, Secret>,
    /// Whom TLS trusts.
    pub tls: Option<tls::Settings>,
}

/// Adds who we are to settings; `flatten` of serde would lose the lines of mistakes.
macro_rules! with_credentials {
    (
        headers: $headers:literal;
        $(#[$about:meta])* pub struct $name:ident { $($keys:tt)* }
    ) => {
        $(#[$about])*
        pub struct $name {
            $($keys)*
            /// A token to send as `Authorization: Bearer`.
            #[serde(default)]
            pub bearer: Option<$crate::adapters::secret::Secret>,
            /// The file that holds that token.
            #[serde(default)]
            pub bearer_file: Option<std::path::PathBuf>,
            /// A name and password to send as `Authorization: Basic`.
            #[serde(default)]
            pub basic: Option<$crate::adapters::probe::http::Basic>,
            #[doc = $headers]
            #[serde(default)]
            pub headers: std::collections::BTreeMap<
                $crate::adapters::probe::http::HeaderKey,
                $crate::adapters::secret::Secret,
            >,
        }

        impl $name {
            /// Returns who we are to it, and nothing of whom we trust.
            pub fn credentials(&self) -> $crate::adapters::probe::access::Access {
                $crate::adapters::probe::access::Access {
                    bearer: self.bearer.clone(),
                    bearer_file: self.bearer_file.clone(),
                    basic: self.basic.clone(),
                    headers: self.headers.clone(),
                    tls: None,
                }
            }
        }
    };
}

/// Adds all keys of [`Access`] to settings.
macro_rules! with_access {
    ($(#[$about:meta])* pub struct $name:ident { $($keys:tt)* }) => {
        $crate::adapters::probe::access::with_credentials! {
            headers: "Headers to send, such as `X-Scope-OrgID`; their values are never shown.";
            $(#[$about])*
            pub struct $name {
                $($keys)*
                /// Whom TLS trusts; the name that the certificate must be for is the address's.
                #[serde(default)]
                pub tls: Option<$crate::adapters::tls::Settings>,
            }
        }

        impl $name {
            /// Returns who we are to it, and whom we trust.
            pub fn access(&self) -> $crate::adapters::probe::access::Access {
                let credentials = self.credentials();
                $crate::adapters::probe::access::Access { tls: self.tls.clone(), ..credentials }
            }
        }
    };
}

pub(super) use {with_access, with_credentials};

impl Access {
    /// Returns every mistake that only the whole shows.
    pub fn mistakes(&self) -> Vec<String> {
        let basic = self.basic.as_ref();
        let twice =
            basic.is_some_and(|basic| basic.password.is_some() && basic.password_file.is_some());
        let bearer = self.bearer.is_some() || self.bearer_file.is_some();
        let header = self.headers.keys().any(|name| name.get() == AUTHORIZATION);
        [
            (self.bearer.is_some() && self.bearer_file.is_some(), "`bearer` is given twice"),
            (bearer && basic.is_some(), "`bearer` and `basic` exclude each other"),
            (twice, "`basic.password` is given twice"),
            (
                header && (bearer || basic.is_some()),
                "the header `authorization` and `bearer` or `basic` exclude each other",
            ),
            (
                self.tls.as_ref().is_some_and(|tls| tls.server_name.is_some()),
                "`tls.server_name` is not known to this kind of check; ask by that name in `url`",
            ),
        ]
        .into_iter()
        .filter(|(wrong, _)| *wrong)
        .map(|(_, message)| message.to_owned())
        .chain(self.tls.iter().flat_map(tls::Settings::mistakes))
        .collect()
    }

    /// Returns the headers to send; a secret that cannot be read, or sent, is refused.
    pub fn headers(&self, folder: &Path) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.append(name.get(), header_value(name.get(), value)?);
        }
        if let Some(authorization) = self.authorization(folder)? {
            headers.insert(AUTHORIZATION, header_value(&AUTHORIZATION, &authorization)?);
        }
        Ok(headers)
    }

    fn authorization(&self, folder: &Path) -> Result<Option<Secret>> {
        if let Some(token) = secret(self.bearer.as_ref(), self.bearer_file.as_ref(), folder)? {
            return Ok(Some(Secret::new(format!("Bearer {}", token.reveal()))));
        }
        let Some(basic) = &self.basic else { return Ok(None) };
        let password = secret(basic.password.as_ref(), basic.password_file.as_ref(), folder)?;
        let password = password.unwrap_or_else(|| Secret::new(""));
        let pair = format!("{}:{}", basic.user, password.reveal());
        let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pair);
        Ok(Some(Secret::new(format!("Basic {encoded}"))))
    }
}

fn secret(value: Option<&Secret>, file: Option<&PathBuf>, folder: &Path) -> Result<Option<Secret>> {
    match (value, file) {
        (Some(value), _) => Ok(Some(value.clone())),
        (None, Some(file)) => Secret::from_file(&folder.join(file)).map(Some),
        (None, None) => Ok(None),
    }
}

fn header_value(name: &HeaderName, value: &Secret) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(value.reveal())
        .map_err(|_| Error::invalid(format!("the value of the header `{name}` cannot be sent")))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use super::super::question::Question;
    use super::super::{error_rate, latency, metrics, prometheus, success_rate};

    fn mistakes<S: Question + DeserializeOwned>(json: Value) -> Vec<String> {
        serde_json::from_value::<S>(json).unwrap().mistakes()
    }

    #[test]
    fn what_no_client_can_honour_is_refused_by_every_kind() {
        let access = json!({"url": "https://a", "tls": {"server_name": "b"}});
        let with = |more: Value| {
            let mut whole = access.clone();
            whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            whole
        };
        let query = json!({"query": "up", "success": "true"});
        let share = json!({"threshold": "1%"});
        let metrics = |source| json!({"queries": {"a": source}, "success": "a > 0"});
        for (kind, found) in [
            ("prometheus", mistakes::<prometheus::Settings>(with(query))),
            ("error_rate", mistakes::<error_rate::Settings>(with(share.clone()))),
            ("success_rate", mistakes::<success_rate::Settings>(with(share))),
            ("latency", mistakes::<latency::Settings>(with(json!({"threshold": "1s"})))),
            ("metrics", mistakes::<metrics::Settings>(metrics(json!({"http": access})))),
            (
                "metrics",
                mistakes::<metrics::Settings>(metrics(
                    json!({"prometheus": with(json!({"query": "up"}))}),
                )),
            ),
        ] {
            let [only] = found.as_slice() else { panic!("{kind}: {found:?}") };
            assert!(only.starts_with("`tls.server_name` is not known"), "{kind}: {only}");
        }
    }
}
