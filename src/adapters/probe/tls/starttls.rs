//! What is said before TLS begins.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::pattern::Pattern;
use super::super::tcp::Turn;
use super::super::tcp::dialogue::{Dialogue, Sick};

/// The request of `PostgreSQL` for TLS, and its yes.
const POSTGRES: (&[u8], &[u8]) = (&[0, 0, 0, 8, 4, 210, 22, 47], b"S");

/// A protocol in which TLS is asked for in the clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Starttls {
    /// Mail that is sent.
    Smtp,
    /// Mail that is read.
    Imap,
    /// Mail that is fetched.
    Pop3,
    /// Files.
    Ftp,
    /// `PostgreSQL`.
    Postgres,
}

impl Starttls {
    /// Asks for TLS; the next byte is of the handshake.
    pub(super) async fn ask(self, talk: &mut Dialogue<'_>) -> Result<(), Sick> {
        const REFUSED: &str = "^[45][0-9][0-9]";
        let turns = match self {
            Self::Postgres => return talk.exchange(POSTGRES.0, POSTGRES.1).await,
            Self::Smtp => vec![
                turn("^220 ", REFUSED, "EHLO lastgood\r\n"),
                turn("^250 ", REFUSED, "STARTTLS\r\n"),
                turn("^220 ", REFUSED, ""),
            ],
            Self::Imap => vec![
                turn("^\\* (OK|PREAUTH)", "^\\* BYE", "a STARTTLS\r\n"),
                turn("^a OK", "^a (NO|BAD)", ""),
            ],
            Self::Pop3 => vec![turn("^\\+OK", "^-ERR", "STLS\r\n"), turn("^\\+OK", "^-ERR", "")],
            Self::Ftp => vec![turn("^220 ", REFUSED, "AUTH TLS\r\n"), turn("^234 ", REFUSED, "")],
        };
        talk.hold(&turns).await
    }
}

fn turn(expect: &str, reject: &str, send: &str) -> Turn {
    let pattern = |text: &str| Pattern::try_from(text.to_owned()).ok();
    let send = (!send.is_empty()).then(|| send.to_owned());
    Turn { expect: pattern(expect), reject: pattern(reject), send, ..Turn::default() }
}
