//! Mistakes that only the whole of the settings shows.

use super::{Patterns, Settings};

impl Settings {
    /// Returns every mistake that only the whole shows.
    pub fn mistakes(&self) -> Vec<String> {
        let unconditional =
            self.body_json.as_ref().is_some_and(|it| it.success.is_none() && it.failure.is_none());
        let told = [
            (self.status.is_empty(), "`status` is empty, so the check could never pass"),
            (
                self.body.is_some() && self.body_file.is_some(),
                "`body` and `body_file` exclude each other",
            ),
            (unconditional, "`body_json` has neither `success` nor `failure`"),
            (is_void(&self.body_matches), "`body_matches` has no regular expression under `any`"),
        ];
        let told = told.into_iter().filter(|(wrong, _)| *wrong).map(|(_, what)| what.to_owned());
        let tls = self.tls.mistakes().into_iter().map(|mistake| format!("in `tls`: {mistake}"));
        told.chain(self.credentials().mistakes())
            .chain(tls)
            .chain(self.unasked_compression())
            .collect()
    }

    fn unasked_compression(&self) -> Option<String> {
        let compression = self.compression?;
        let asked =
            self.headers.iter().find(|(name, _)| name.get() == http::header::ACCEPT_ENCODING);
        let accepted = compression.is_accepted_by(asked?.1.reveal());
        (!accepted).then(|| {
            format!("`compression: {compression}` is not asked for by the header `accept-encoding`")
        })
    }
}

fn is_void(patterns: &Patterns) -> bool {
    matches!(patterns, Patterns::Any(list) if list.is_empty())
}
