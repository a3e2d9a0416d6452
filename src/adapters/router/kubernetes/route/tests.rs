//! Routes as they are written, and what is made of them.

use super::*;

fn slot(name: &str) -> Slot {
    Slot::new(name).unwrap()
}

fn pair() -> Pair {
    Pair { stable: slot("blue"), candidate: slot("green") }
}

fn name(name: &str) -> Name {
    Name::try_from(name.to_owned()).unwrap()
}

fn backends() -> Backends {
    let services = [("blue", "shop-blue"), ("green", "shop-green")];
    let services = services.map(|(slot, service)| (slot.to_owned(), name(service)));
    Backends::new(&name("shop"), &services.into(), &pair()).unwrap()
}

fn route(rules: &Value) -> Route {
    let meta = json!({ "namespace": "prod", "resourceVersion": "42", "generation": 7 });
    serde_json::from_value(json!({ "metadata": meta, "spec": { "rules": rules } })).unwrap()
}

fn rule(blue: u64, green: u64) -> Value {
    json!({ "backendRefs": [
        { "name": "shop-blue", "weight": blue },
        { "name": "shop-green", "kind": "Service", "namespace": "prod", "weight": green },
    ] })
}

#[test]
fn weights_are_told_in_percent_and_a_trace_is_not_nothing() {
    let table = [
        (100, 0, "blue 100 %, green 0 %"),
        (3, 1, "blue 75 %, green 25 %"),
        (1000, 1, "blue 99 %, green 1 %"),
        (0, 7, "blue 0 %, green 100 %"),
        (0, 0, "blue 0 %, green 0 %"),
    ];
    for (blue, green, told) in table {
        let shares = backends().shares(&route(&json!([rule(blue, green)]))).unwrap();
        assert_eq!(shares.to_string(), told);
    }
    let unsaid = json!([{ "backendRefs": [{ "name": "shop-blue" }, { "name": "shop-green" }] }]);
    assert_eq!(
        backends().shares(&route(&unsaid)).unwrap().to_string(),
        "blue 50 %, green 50 %",
        "one without a weight weighs 1"
    );
}

#[test]
fn only_the_weights_of_the_two_are_changed_and_only_of_the_route_that_was_seen() {
    let others = json!({ "backendRefs": [{ "name": "static" }] });
    let turned = json!({ "backendRefs": [
        { "name": "shop-green" }, { "name": "shop-blue", "weight": 9 },
    ] });
    let route = route(&json!([others, rule(100, 0), turned]));
    let shares = Shares::of(&pair(), &slot("green"), 25);
    let change = backends().change(&route, &shares).unwrap();
    let path = |at: &str| format!("/spec/rules/{at}/weight");
    let add = |at: &str, weight: u8| json!({ "op": "add", "path": path(at), "value": weight });
    let steps = json!([
        { "op": "test", "path": "/metadata/resourceVersion", "value": "42" },
        add("1/backendRefs/0", 75), add("1/backendRefs/1", 25),
        add("2/backendRefs/0", 25), add("2/backendRefs/1", 75),
    ]);
    assert_eq!(serde_json::from_str::<Value>(&change.text).unwrap(), steps);
}

#[test]
fn a_route_that_cannot_be_shared_as_a_whole_is_refused() {
    let [blue, green] = ["shop-blue", "shop-green"].map(|name| json!({ "name": name }));
    let third = json!({ "name": "static" });
    let abroad = json!({ "name": "shop-green", "namespace": "test" });
    let bucket = json!({ "name": "shop-green", "kind": "Bucket" });
    let part = "rule 1 of it does not send to `shop-blue` and `shop-green`, \
                each once, and to nothing else";
    let none = "no rule of it sends to `shop-blue` and `shop-green`";
    let table = [
        (json!([blue]), part),
        (json!([blue, blue]), part),
        (json!([blue, green, third]), part),
        (json!([blue, abroad]), part),
        (json!([blue, bucket]), part),
        (json!([third]), none),
        (json!([]), none),
    ];
    for (refs, why) in table {
        let route = route(&json!([{ "backendRefs": refs }]));
        assert_eq!(backends().shares(&route).unwrap_err(), why, "{refs}");
    }
    let differing = route(&json!([rule(100, 0), rule(0, 100)]));
    assert_eq!(backends().shares(&differing).unwrap_err(), "its rules share differently");
}

#[test]
fn a_service_belongs_to_one_slot() {
    let new = |of: &[(&str, &str)]| {
        let services = of.iter().map(|(slot, it)| ((*slot).to_owned(), name(it))).collect();
        Backends::new(&name("shop"), &services, &pair()).map(drop).unwrap_err().to_string()
    };
    assert_eq!(new(&[("red", "shop")]), "`services` names `red`, which is no slot");
    assert_eq!(
        new(&[("blue", "shop"), ("green", "shop")]),
        "`services` names the same Service for both slots"
    );
    assert_eq!(new(&[("blue", "green")]), "`services` names the same Service for both slots");
}
