//! Conditions, by table.

use serde_json::json;

use super::*;

mod vectors;

fn condition(text: &str) -> Condition {
    Condition::try_from(text.to_owned()).unwrap_or_else(|why| panic!("{text}: {why}"))
}

fn refused(text: &str) -> String {
    Condition::try_from(text.to_owned()).unwrap_err()
}

fn holds(text: &str, result: &serde_json::Value) -> Result<bool, String> {
    condition(text).holds(&[("result", value(result))])
}

async fn told(text: &str, result: Value) -> Told {
    condition(text).told(vec![("result".to_owned(), result)], Duration::from_secs(5)).await
}

#[test]
fn a_condition_holds_or_not() {
    let document = json!({"a": 1, "b": true, "c": [1, 2, 3, 4], "d": null, "e": "x"});
    for (text, expected) in [
        ("result.a > 0 && result.b && result.c.all(x, x < 5) && result.d == null", true),
        ("result.c.exists(x, x > 4)", false),
        ("size(result.c) == 4 && result.e.startsWith('x')", true),
        ("result.c.map(x, x * 2).filter(x, x > 4) == [6, 8]", true),
        ("result.c.exists_one(x, x == 2)", true),
        ("has(result.a) && !has(result.z)", true),
        ("2 in result.c && !(9 in result.c)", true),
        ("result.c[result.a] == 2", true),
        ("type(result.a) == double && result.e in ['x', 'y']", true),
        ("[[1, 2], [3]].all(x, x.all(y, y < 4))", true),
        ("result.a < 1 ? false : result.b", true),
    ] {
        assert_eq!(holds(text, &document), Ok(expected), "{text}");
    }
}

#[test]
fn numbers_are_compared_and_computed_across_their_types() {
    for (text, result) in [
        ("result + 1 == 4", json!(3)),
        ("1 + result == 4.0", json!(3)),
        ("result / 2 == 1.5", json!(3)),
        ("100 * result > 99 && result * 100 <= 100", json!(1)),
        ("result - 1 < 2.5", json!(3)),
        ("result % 2 == 1", json!(3)),
        ("7 / 2 == 3 && 7 % 2 == 1", json!(0)),
        ("size([1, 2, 3]) / result == 1.5", json!(2)),
        ("-result < 0 && result == 2 && 2 == result && result != 2.1", json!(2)),
        ("'a' + 'b' == 'ab' && [1] + [2] == [1, 2]", json!(0)),
        ("result > 9007199254740991", json!(9_007_199_254_740_993_u64)),
    ] {
        assert_eq!(holds(text, &result), Ok(true), "{text}");
    }
}

#[test]
fn functions_beyond_cel_read_numbers_and_stand_in_for_what_is_missing() {
    let document = json!({"n": "12", "f": "1.2", "nothing": null, "list": [{"a": 1}], "text": "x"});
    for (text, expected) in [
        ("asInt(result.n) == 12 && asInt(1.9) == 1 && asInt(-1.9) == -1", true),
        ("asFloat(result.f) > 1.1 && asFloat(result.n) == 12", true),
        ("isNaN(asFloat('NaN')) && !isNaN(1) && !isNaN('x')", true),
        ("isInf(asFloat('+Inf')) && isInf(asFloat('-Inf')) && !isInf(2.0)", true),
        ("default(result.missing, 5) == 5", true),
        ("default(result.missing.deeper, 5) == 5", true),
        ("default(result.nothing, 5) == 5", true),
        ("default(result.list[0].a, 5) == 1 && default(result.list[3].a, 5) == 5", true),
        ("default(result.text, 'y') == 'x' && default(result.text.z, 'y') == 'y'", true),
        ("default(result['odd key'], 0) + 1 == 1", true),
        ("result.list.all(x, default(x.b, 0) < 1)", true),
        ("!optional.none().hasValue()", true),
    ] {
        assert_eq!(holds(text, &document), Ok(expected), "{text}");
    }
    for (text, why) in [
        ("asInt(result.text) > 0", "`x` is no whole number"),
        ("asInt(result.f) > 0", "`1.2` is no whole number"),
        ("asInt(result.nothing) > 0", "`null_type` is no number"),
        ("asFloat(result.list) > 0", "`list` is no number"),
        ("asInt(asFloat('NaN')) > 0", "`NaN` is no whole number"),
        ("asFloat('infinity') > 0", "`infinity` is no number"),
    ] {
        let told = holds(text, &document).unwrap_err();
        assert!(told.ends_with(why), "{text}: {told}");
    }
}

#[test]
fn what_is_neither_true_nor_false_cannot_be_told() {
    for (text, why) in [
        ("result", "it is neither true nor false"),
        ("result.a > 1", "double has no fields"),
        ("result[0] > 1", "double has no element by int"),
        ("result > 'a'", "`>` cannot be computed of double and string"),
        ("result + 'a' == 'b'", "`+` cannot be computed of double and string"),
        ("1 / 0 == 1", "it divides by zero"),
        ("9223372036854775807 + 1 > 0", "a whole number became too large"),
        ("[1][1] == 1", "there is no element of that index"),
        ("{'a': 1}.b == 1", "there is no `b`"),
        ("nobody == 1", "there is no `nobody`"),
        ("result.matches('(') || true == 1", "matches"),
    ] {
        let told = holds(text, &json!(1)).unwrap_err();
        assert!(told.contains(why), "{text}: {told}");
    }
}

#[tokio::test]
async fn nan_is_compared_with_nothing() {
    let nan = || Value::Float(f64::NAN);
    for text in ["result < 1", "result >= 1", "result == 0", "result != 0", "0 == result * 2"] {
        assert!(matches!(told(text, nan()).await, Told::Untold(_)), "{text}");
    }
    for text in ["isNaN(result)", "result >= 0.9 || isNaN(result)", "isNaN(result) || result < 1"] {
        assert_eq!(told(text, nan()).await, Told::Holds, "{text}");
    }
    let infinite = || Value::Float(f64::INFINITY);
    assert_eq!(told("result >= 0.9 && isInf(result)", infinite()).await, Told::Holds);
}

#[test]
fn what_is_no_condition_is_refused_with_its_place() {
    for (text, why) in [
        ("result <", "this is no condition in CEL, at column"),
        ("", "this is no condition in CEL"),
        ("result == 1 and result == 2", "this is no condition in CEL, at column 13"),
        ("any(result, {# > 5})", "this is no condition in CEL"),
        ("len(result) > 0", "a condition knows no function `len`; CEL writes `size(…)`"),
        ("all(result, 1)", "it is called like `list.all(x, …)`"),
        ("isNan(result)", "did you mean `isNaN`?"),
        ("result.startswith('a')", "did you mean `startsWith`?"),
        ("default(result)", "`default` takes two"),
        ("frobnicate(result)", "a condition knows no function `frobnicate`"),
        ("Thing{a: 1} == 1", "a condition knows no type `Thing`"),
    ] {
        let told = refused(text);
        assert!(told.contains(why), "{text}: {told}");
    }
}

#[test]
fn a_name_that_is_nothing_is_found_before_anything_is_asked() {
    let known = ["result", "errors"];
    for (text, why) in [
        ("resutl < 1", Some("names `resutl`, which is nothing; did you mean `result`?")),
        ("result == nil", Some("CEL writes `null`")),
        ("a == true", Some("it knows `result`, `errors`")),
        ("errors.all(x, x < 1) && x == 1", Some("names `x`")),
        ("errors.all(x, errors.exists(y, x < y)) && type(result) == int", None),
        ("default(result.a, errors) == 1 && result.resutl == 1", None),
    ] {
        let told = condition(text).mistakes(&known);
        assert_eq!(told.len(), usize::from(why.is_some()), "{text}: {told:?}");
        assert!(why.is_none_or(|why| told[0].ends_with(why) || told[0].contains(why)), "{told:?}");
    }
}

#[test]
fn a_condition_that_is_too_long_or_too_deep_is_refused() {
    let long = "1 + ".repeat(25_000) + "1 > 0";
    assert_eq!(refused(&long), "a condition has at most 4096 bytes, and this 100005");
    let sum = |terms: usize| "1+".repeat(terms) + "1>0";
    assert_eq!(condition(&sum(100)).holds(&[]), Ok(true));
    let open = |open: &str, inner: &str, close: &str| {
        let times = (LONGEST - inner.len()) / (open.len() + close.len());
        open.repeat(times) + inner + &close.repeat(times)
    };
    for deep in [
        open("(", "true", ")"),
        open("[", "true", "]"),
        open("!", "true", ""),
        open("-", "1", ""),
        open("", "result", ".a"),
        open("", "result", "[0]"),
        open("", "result", ".size()"),
        open("1+", "1>0", ""),
        open("true||", "true", ""),
        open("1<2?true:", "true", ""),
        open("[1].all(x,", "true", ")"),
        open("size(", "'a'", ")"),
        open("{1:", "1", "}"),
    ] {
        // Deep or flat, there is an answer, and the process goes on.
        let answer = Condition::try_from(deep.clone());
        match answer.map(|condition| condition.holds(&[("result", Value::Null)])) {
            Ok(told) => assert!(told != Ok(false), "{}", &deep[..20]),
            Err(why) => assert!(
                why.contains("this is no condition") || why.contains("at most 200 levels"),
                "{}: {why}",
                &deep[..20]
            ),
        }
    }
}

#[tokio::test]
async fn loops_over_loops_come_to_an_end() {
    let list = Value::List(Arc::new((0..2_000).map(|n| Value::Float(f64::from(n))).collect()));
    for text in [
        "result.all(x, result.all(y, result.all(z, x + y + z >= 0)))",
        "result.exists(x, result.exists(y, x + y < 0))",
        "result.map(x, result.map(y, result.filter(z, z == y))).size() == 1",
        "result.all(x, x in result) && result.all(x, [x, -1] + result != result)",
        "['aaaaaaaaaaaaaaaa']REPEAT.all(x, true)",
        "[result]REPEATLIST.all(x, true)",
        "[0].map(a,[a,a,a,a])REPEATNEST.all(x, true)",
        "[0].map(a,{'x':a,'y':a})REPEATMAP == [1]",
    ] {
        let text = text.replace("REPEATNEST", &".map(a,[a,a,a,a])".repeat(60));
        let text = text.replace("REPEATMAP", &".map(a,{1:a,2:a})".repeat(60));
        let text = text.replace("REPEATLIST", &".map(a,a+a)".repeat(40));
        let text = text.replace("REPEAT", &".map(a,a+a)".repeat(60));
        let Told::Broken(why) = told(&text, list.clone()).await else { panic!("{text}") };
        // Steps or time, whichever a machine is out of first.
        assert!(why.starts_with("it takes too long"), "{text}: {why}");
    }
    assert_eq!(told("result.all(x, x in [x] && x >= 0)", list).await, Told::Holds);
}

#[tokio::test]
async fn two_conditions_are_judged_by_their_table() {
    use Judged::{Error, Fail, Inconclusive, Pass};
    let some = |text: &str| (!text.is_empty()).then(|| condition(text));
    for (success, failure, expected) in [
        ("true", "", "pass"),
        ("false", "", "fail"),
        ("", "true", "fail"),
        ("", "false", "pass"),
        ("true", "true", "fail"),
        ("true", "false", "pass"),
        ("false", "true", "fail"),
        ("false", "false", "inconclusive"),
        ("nan < 1", "", "inconclusive"),
        ("", "nan > 1", "inconclusive"),
        ("nan < 1", "nan > 1", "inconclusive"),
        ("nan < 1", "true", "fail"),
        ("nan < 1", "false", "inconclusive"),
        ("true", "nan > 1", "pass"),
        ("false", "nan > 1", "inconclusive"),
        ("1", "true", "error"),
        ("true", "1", "error"),
        ("1", "", "error"),
        ("", "nobody > 1", "error"),
    ] {
        let conditions = Conditions::new(some(success).as_ref(), some(failure).as_ref());
        let values = [("nan".to_owned(), Value::Float(f64::NAN))];
        let judged = match conditions.judge(&values, Duration::from_secs(5)).await {
            Pass(_) => "pass",
            Fail(_) => "fail",
            Inconclusive(..) => "inconclusive",
            Error(..) => "error",
        };
        assert_eq!(judged, expected, "success: {success}, failure: {failure}");
    }
    let neither = Conditions::new(None, None).mistakes(&[]);
    assert_eq!(neither, ["neither `success` nor `failure` is given, so nothing could be judged"]);
}

#[tokio::test]
async fn a_reckoning_that_panics_is_told_and_breaks_nothing() {
    let broken = Arc::new(Expression::default());
    let told = run::told(broken.clone(), Vec::new(), Duration::from_secs(5)).await;
    assert_eq!(told, Told::Broken("the evaluation broke".to_owned()));
    let told = run::told_here(broken, Vec::new(), Duration::from_secs(5));
    assert!(matches!(told, Told::Broken(_)), "{told:?}");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        cases: 300, failure_persistence: None, ..Default::default()
    })]

    #[test]
    fn no_text_breaks_the_reading_or_the_reckoning(
        words in proptest::collection::vec(proptest::sample::select(WORDS.to_vec()), 1..14)
    ) {
        let text = words.join(" ");
        match Condition::try_from(text.clone()) {
            Err(why) => assert_ne!(why, BROKEN, "{text}"),
            Ok(condition) => {
                let result = json!({"a": [1, {"b": null}], "n": 1.5, "s": "x"});
                let told = condition.holds(&[("result", value(&result))]);
                assert!(!told.is_err_and(|why| why.contains("or broke")), "{text}");
            }
        }
    }
}

/// What is said where the reading panicked.
const BROKEN: &str = "this is no condition in CEL";

/// What conditions are made of.
const WORDS: [&str; 48] = [
    "result",
    "result.a",
    "result.n",
    "result.s",
    "result.z",
    ".b",
    ".c",
    "[0]",
    "[1]",
    "[-1]",
    "[result.n]",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "?",
    "1",
    "0",
    "-",
    "-9223372036854775808",
    "1.5",
    "1e308",
    "2u",
    "'x'",
    "b'x'",
    "null",
    "true",
    "+",
    "*",
    "/",
    "%",
    "==",
    "<",
    "in",
    "&&",
    "||",
    "!",
    ".all(x, x",
    ".map(x, x",
    "has(",
    "default(",
    "isNaN(",
    "size(",
    "asInt(",
];

#[test]
fn numbers_are_read_and_shown_as_prometheus_writes_them() {
    for (text, expected) in [
        ("0.0123456789", "0.0123457"),
        ("1", "1"),
        ("0", "0"),
        ("-0.0", "0"),
        ("1234567", "1234567"),
        ("0.30000000000000004", "0.3"),
        ("1e30", "1e30"),
        ("-2.5e-12", "-2.5e-12"),
        ("NaN", "NaN"),
        ("+Inf", "+Inf"),
        ("-Inf", "-Inf"),
    ] {
        assert_eq!(shown(number(text).unwrap()), expected);
    }
    for text in ["", "nan", "inf", "infinity", "1,5", "0x10", "a1"] {
        assert_eq!(number(text), None, "{text}");
    }
}

#[test]
fn a_name_for_a_value_is_a_word_that_means_nothing_else() {
    let name = |text: &str| VariableName::try_from(text.to_owned());
    for good in ["errors", "p95", "_x", "result"] {
        assert_eq!(name(good).unwrap().as_str(), good);
    }
    for bad in ["", "95p", "a-b", "a.b", "in", "null", "int", "ä", "a b"] {
        assert!(name(bad).is_err(), "{bad}");
    }
}
