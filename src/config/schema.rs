//! The JSON schema of the configuration, for editors and for the documentation.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::written::File;

/// Returns the JSON schema (draft 2020-12) of `lastgood.yml`.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<File>().to_value();
    tidy(&mut schema);
    schema
}

/// Returns the schema that a schema refers to, or itself.
pub(super) fn resolved<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let name = schema["$ref"].as_str().and_then(|to| to.strip_prefix("#/$defs/"));
    name.map_or(schema, |name| &root["$defs"][name])
}

/// Returns the schema of a map's key; a choice between maps is told by the one key that is written.
pub(super) fn property<'a>(schema: &'a Value, key: &str, root: &'a Value) -> &'a Value {
    let mut known = shapes(schema, root).map(|schema| &schema["properties"][key]);
    known.find(|schema| !schema.is_null()).unwrap_or_else(|| by_name(schema))
}

/// Returns the schema of every value of a map whose keys are names.
pub(super) fn by_name(schema: &Value) -> &Value {
    let patterned = schema["patternProperties"].as_object().and_then(|all| all.values().next());
    // What allows no other key says `false`.
    let any = Some(&schema["additionalProperties"]).filter(|values| values.is_object());
    patterned.or(any).unwrap_or(&Value::Null)
}

/// Returns the schema of a list's items.
pub(super) fn items<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let mut lists = shapes(schema, root).map(|schema| &schema["items"]);
    lists.find(|items| !items.is_null()).unwrap_or(&Value::Null)
}

/// Returns a schema and every one that it is a choice of.
fn shapes<'a>(schema: &'a Value, root: &'a Value) -> impl Iterator<Item = &'a Value> {
    let choices = ["oneOf", "anyOf"].into_iter().filter_map(|key| schema[key].as_array());
    [schema].into_iter().chain(choices.flatten().map(|schema| resolved(schema, root)))
}

/// Takes away what Rust's types say and YAML's readers need not know: nulls and widths of numbers.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            without_null(object);
            without_width(object);
            object.values_mut().for_each(tidy);
        }
        Value::Array(list) => list.iter_mut().for_each(tidy),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn without_null(object: &mut Map<String, Value>) {
    if object.get("default") == Some(&Value::Null) {
        object.remove("default");
    }
    let null = json!({ "type": "null" });
    if let Some(Value::Array(any)) = object.get_mut("anyOf") {
        any.retain(|schema| *schema != null);
        if let [Value::Object(only)] = any.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    }
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
}

fn without_width(object: &mut Map<String, Value>) {
    let format = object.get("format").and_then(Value::as_str);
    if format.is_some_and(|format| format.starts_with("int") || format.starts_with("uint")) {
        object.remove("format");
    }
}
