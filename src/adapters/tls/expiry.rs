//! Until when a chain of certificates holds.

use std::cell::Cell;

use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, KeyUsage, VerifiedPath, anchor_from_trusted_cert};

use super::certificate::Certificate;
use super::trust::{Trust, provider};

/// Returns until when some chain from the leaf to a root holds; none where there is no chain.
///
/// Of several chains the one that holds longest counts, and in it the certificate that ends first.
pub fn verified_until(
    chain: (&CertificateDer<'_>, &[CertificateDer<'_>]),
    trust: &Trust,
    now: UnixTime,
) -> Option<Timestamp> {
    let (leaf, others) = chain;
    if trust.roots().contains(leaf) {
        return ends(leaf);
    }
    let roots = Roots::of(trust.roots());
    let longest = Cell::new(None);
    let look = |path: &VerifiedPath<'_>| {
        longest.set(longest.get().max(roots.end_of(path)));
        // An error makes the search go on to the next chain.
        Err(webpki::Error::UnknownIssuer)
    };
    let algorithms = provider().signature_verification_algorithms.all;
    let (usage, leaf) = (KeyUsage::server_auth(), EndEntityCert::try_from(leaf).ok()?);
    let all = roots.anchors.as_slice();
    let _ = leaf.verify_for_usage(algorithms, all, others, now, usage, None, Some(&look));
    longest.get()
}

fn ends(der: &CertificateDer<'_>) -> Option<Timestamp> {
    Certificate::read(der).ok().map(|certificate| certificate.not_after)
}

struct Roots<'a> {
    anchors: Vec<TrustAnchor<'a>>,
    ends: Vec<Timestamp>,
}

impl<'a> Roots<'a> {
    fn of(certificates: &'a [CertificateDer<'static>]) -> Self {
        let read = |der| Some((anchor_from_trusted_cert(der).ok()?, ends(der)?));
        let (anchors, ends) = certificates.iter().filter_map(read).unzip();
        Self { anchors, ends }
    }

    /// Returns when the first certificate of a chain ends; roots with one key stand for each other.
    fn end_of(&self, path: &VerifiedPath<'_>) -> Option<Timestamp> {
        let anchor = path.anchor();
        let same = |one: &TrustAnchor<'_>| {
            one.subject == anchor.subject
                && one.subject_public_key_info == anchor.subject_public_key_info
        };
        let roots = self.anchors.iter().zip(&self.ends).filter(|(one, _)| same(one));
        let root = roots.map(|(_, end)| *end).max();
        let between = path.intermediate_certificates().map(|cert| ends(&cert.der()));
        between
            .chain([ends(&path.end_entity().der()), root])
            .try_fold(Timestamp::MAX, |least, end| end.map(|end| least.min(end)))
    }
}
