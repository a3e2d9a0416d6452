//! stub
pub mod json {
    use crate::domain::outcome::*;
    use crate::error::Error;
    pub fn document(c: &Context, o: &Outcome) -> serde_json::Value {
        let mut v = serde_json::to_value(o).unwrap();
        let m = v.as_object_mut().unwrap();
        m.insert("command".into(), c.command.into());
        m.insert("result".into(), o.ending.reason.outcome().as_str().into());
        m.insert("reason".into(), o.ending.reason.code().into());
        m.insert("message".into(), o.ending.message.clone().into());
        v
    }
    pub fn error_document(_c: &Context, e: &Error) -> serde_json::Value {
        serde_json::json!({"error":e.message(),"causes":e.causes()})
    }
}
pub mod text {
    use crate::domain::outcome::*;
    use crate::error::Error;
    pub struct Palette;
    pub const PLAIN: Palette = Palette;
    pub const COLOURED: Palette = Palette;
    pub fn outcome(_c: &Context, o: &Outcome, _p: &Palette, _w: usize) -> String {
        format!("{}\n{}\n", o.ending.message, o.ending.next)
    }
    pub fn error(e: &Error, _p: &Palette) -> String {
        format!("error: {}\n{:?}\n{:?}\n", e.message(), e.causes(), e.hints())
    }
}
pub mod workflow {
    use crate::domain::outcome::*;
    use crate::error::Error;
    type R<'a> = std::result::Result<&'a Outcome, &'a Error>;
    pub fn outputs(_: &Context, _: R<'_>, _: &str) -> Vec<(String, String)> {
        vec![]
    }
    pub fn write_outputs(_: &[(String, String)], _: &str) -> String {
        String::new()
    }
    pub fn dotenv(_: &[(String, String)]) -> String {
        String::new()
    }
    pub fn summary(_: &Context, _: R<'_>) -> String {
        String::new()
    }
    pub fn annotations(_: &Context, _: R<'_>) -> Vec<String> {
        vec![]
    }
}
