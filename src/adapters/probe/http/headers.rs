//! The headers that the settings ask to send.

use std::path::Path;

use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use super::Settings;
use crate::adapters::secret::Secret;
use crate::error::{Error, Result};

/// Returns the headers of the settings, with the authorization that they ask for.
pub(crate) fn of(settings: &Settings, folder: &Path) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in &settings.headers {
        headers.append(name.get(), header_value(name.get(), value)?);
    }
    if let Some(authorization) = authorization(settings, folder)? {
        headers.insert(AUTHORIZATION, header_value(&AUTHORIZATION, &authorization)?);
    }
    Ok(headers)
}

fn header_value(name: &HeaderName, value: &Secret) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(value.reveal())
        .map_err(|_| Error::invalid(format!("the value of the header `{name}` cannot be sent")))?;
    value.set_sensitive(true);
    Ok(value)
}

fn authorization(settings: &Settings, folder: &Path) -> Result<Option<Secret>> {
    let token = match (&settings.bearer, &settings.bearer_file) {
        (Some(token), _) => Some(token.clone()),
        (None, Some(file)) => Some(Secret::from_file(&folder.join(file))?),
        (None, None) => None,
    };
    if let Some(token) = token {
        return Ok(Some(Secret::new(format!("Bearer {}", token.reveal()))));
    }
    let Some(basic) = &settings.basic else { return Ok(None) };
    let password = match (&basic.password, &basic.password_file) {
        (Some(password), _) => password.clone(),
        (None, Some(file)) => Secret::from_file(&folder.join(file))?,
        (None, None) => Secret::new(""),
    };
    let pair = format!("{}:{}", basic.user, password.reveal());
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pair);
    Ok(Some(Secret::new(format!("Basic {encoded}"))))
}
