//! Cookies that one answer sets and the next question brings back.

use std::collections::BTreeMap;

use http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use url::Url;

/// The most cookies that are kept of one host.
const MOST: usize = 50;

/// The cookies of one measurement, by host; the next measurement begins with none.
#[derive(Debug, Default)]
pub(super) struct Cookies(BTreeMap<String, BTreeMap<String, String>>);

impl Cookies {
    /// Keeps what an answer sets.
    pub(super) fn keep(&mut self, url: &Url, headers: &HeaderMap) {
        let Some(host) = url.host_str() else { return };
        let kept = self.0.entry(host.to_owned()).or_default();
        for value in headers.get_all(SET_COOKIE) {
            let pair = value.to_str().ok().and_then(|text| text.split(';').next());
            let Some((name, value)) = pair.and_then(|pair| pair.split_once('=')) else { continue };
            if kept.len() < MOST || kept.contains_key(name.trim()) {
                kept.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }

    /// Returns the header for a question, after the cookies that it brings itself.
    pub(super) fn header(&self, url: &Url, own: Option<&HeaderValue>) -> Option<HeaderValue> {
        let kept = url.host_str().and_then(|host| self.0.get(host)).filter(|kept| !kept.is_empty());
        let Some(kept) = kept else { return own.cloned() };
        let own = own.and_then(|own| own.to_str().ok().map(str::to_owned));
        let kept = kept.iter().map(|(name, value)| format!("{name}={value}"));
        let all: Vec<_> = own.into_iter().chain(kept).collect();
        let mut value = HeaderValue::from_str(&all.join("; ")).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Puts the header where it belongs.
    pub(super) fn bring(&self, url: &Url, headers: &mut HeaderMap) {
        if let Some(value) = self.header(url, headers.get(COOKIE)) {
            headers.insert(COOKIE, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_come_back_to_the_host_that_set_them() {
        let url = |text: &str| Url::parse(text).unwrap();
        let mut cookies = Cookies::default();
        let mut set = HeaderMap::new();
        for value in ["a=1; Path=/; HttpOnly", "b=x=y", "a=2", "odd"] {
            set.append(SET_COOKIE, HeaderValue::from_static(value));
        }
        cookies.keep(&url("http://shop.example/"), &set);
        let of = |text: &str, own: Option<&'static str>| {
            let own = own.map(HeaderValue::from_static);
            let header = cookies.header(&url(text), own.as_ref());
            header.map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(of("http://shop.example:80/x", None).unwrap(), "a=2; b=x=y");
        assert_eq!(of("http://shop.example/", Some("own=1")).unwrap(), "own=1; a=2; b=x=y");
        assert_eq!(of("http://other.example/", Some("own=1")).unwrap(), "own=1");
        assert_eq!(of("http://other.example/", None), None);
    }
}
