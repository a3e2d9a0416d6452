//! The JSON schema of the configuration, for editors and for the documentation.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::written::File;

/// Returns the JSON schema (draft 2020-12) of `lastgood.yml`.
pub fn schema() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<File>().to_value()
}
