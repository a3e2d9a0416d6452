//! What every driver promises, with the stand-in.

use super::stand::{Stand, tag};
use super::*;
use crate::adapters::driver::contract::{Stage, keeps};

struct Shop {
    stand: Stand,
}

#[async_trait]
impl Stage for Shop {
    fn driver(&self, program: &str, timeout: Duration) -> Box<dyn Driver> {
        let settings = json!({ "release": "shop", "chart": "./chart", "set": "image.tag" });
        let timeout = Some(Span::millis(timeout.as_millis().try_into().unwrap()));
        let settings = Settings { timeout, ..serde_json::from_value(settings).unwrap() };
        let around = around(self.stand.path(), &self.stand.lines);
        Box::new(with(around.program(program), settings, around))
    }

    fn program(&self) -> Option<String> {
        Some(self.stand.program())
    }

    fn changing(&self) -> &'static [&'static str] {
        &["upgrade", "rollback"]
    }

    fn folder(&self) -> &Path {
        self.stand.path()
    }

    async fn drive(&self, to: &str, from: Option<&str>) -> Drive {
        drive(Version::named(to), from.map(Version::named))
    }

    async fn runs(&self) -> Option<String> {
        tag(self.stand.revisions().last()?)
    }

    async fn incarnation(&self) -> String {
        self.stand.revisions().len().to_string()
    }
}

#[tokio::test]
async fn helm_keeps_what_every_driver_promises() {
    let Some(stand) = Stand::new() else { return };
    keeps(&Shop { stand }).await;
}
