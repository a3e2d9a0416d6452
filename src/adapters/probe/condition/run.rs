//! Evaluates a condition where it can hang and break nothing.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use cel::parser::Expression;
use cel::{ExecutionError, Value};
use tokio::sync::oneshot;

use super::compile::STACK;
use super::functions;

/// What a condition says of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// It holds.
    Holds,
    /// It does not.
    HoldsNot,
    /// It compares what is no number.
    Untold(String),
    /// It cannot be computed.
    Broken(String),
}

/// Evaluates within a time, on a thread of its own.
pub(super) async fn told(
    expression: Arc<Expression>,
    values: Vec<(String, Value)>,
    time: Duration,
) -> Told {
    let (answer, coming) = oneshot::channel();
    let until = Instant::now() + time;
    // Nobody may be waiting any more, and then the answer is of no use.
    let evaluating = spawn(move || drop(answer.send(evaluate(&expression, values, until))));
    if let Err(why) = evaluating {
        return Told::Broken(why);
    }
    match tokio::time::timeout(time, coming).await {
        Ok(Ok(told)) => told,
        Ok(Err(_)) => Told::Broken("the evaluation broke".to_owned()),
        Err(_) => Told::Broken("it takes too long".to_owned()),
    }
}

/// Evaluates within a time, while the caller's thread waits.
pub(super) fn told_here(
    expression: Arc<Expression>,
    values: Vec<(String, Value)>,
    time: Duration,
) -> Told {
    let (answer, coming) = std::sync::mpsc::channel();
    let until = Instant::now() + time;
    let evaluating = spawn(move || drop(answer.send(evaluate(&expression, values, until))));
    match evaluating.map(|()| coming.recv_timeout(time)) {
        Ok(Ok(told)) => told,
        Ok(Err(_)) => Told::Broken("it takes too long, or broke".to_owned()),
        Err(why) => Told::Broken(why),
    }
}

fn spawn(work: impl FnOnce() + Send + 'static) -> Result<(), String> {
    let thread = thread::Builder::new().name("condition".to_owned()).stack_size(STACK);
    thread.spawn(work).map(drop).map_err(|why| format!("no thread could be started: {why}"))
}

fn evaluate(expression: &Expression, values: Vec<(String, Value)>, until: Instant) -> Told {
    let mut context = match functions::context() {
        Ok(context) => context,
        Err(why) => return Told::Broken(why),
    };
    for (name, value) in values {
        context.add_variable_from_value(name, value);
    }
    functions::start(until);
    let answer = context.resolve(expression);
    if let Some(why) = functions::exhausted() {
        return Told::Broken(why.to_owned());
    }
    match answer {
        Ok(Value::Bool(true)) => Told::Holds,
        Ok(Value::Bool(false)) => Told::HoldsNot,
        Ok(_) => Told::Broken("it is neither true nor false".to_owned()),
        Err(ExecutionError::FunctionError { message, .. }) if message == functions::NAN => {
            Told::Untold(message)
        }
        Err(why) => Told::Broken(words(&why)),
    }
}

/// Says it without the values: they may be long, and are foreign.
fn words(why: &ExecutionError) -> String {
    match why {
        ExecutionError::NoSuchKey(key) => format!("there is no `{key}`"),
        ExecutionError::IndexOutOfBounds(_) => "there is no element of that index".to_owned(),
        ExecutionError::UndeclaredReference(name) => format!("there is no `{name}`"),
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => {
            "it divides by zero".to_owned()
        }
        ExecutionError::Overflow(..) => "a whole number became too large".to_owned(),
        ExecutionError::NoSuchOverload(call) => unfit(call.function(), call.argument_types()),
        ExecutionError::FunctionError { message, .. } => message.clone(),
        ExecutionError::UnexpectedType { got, want } => format!("{got} is no {want}"),
        other => crate::domain::text::clean(&other.to_string(), 120),
    }
}

fn unfit(function: &str, types: &[String]) -> String {
    let sign = function.trim_matches('_');
    match (sign, types) {
        ("[_]", [of, by]) => format!("{of} has no element by {by}"),
        (".", [of, ..]) => format!("{of} has no fields"),
        (sign, [left, right]) if !sign.starts_with(char::is_alphabetic) => {
            format!("`{sign}` cannot be computed of {left} and {right}")
        }
        (sign, types) => format!("`{sign}` cannot be computed of {}", types.join(", ")),
    }
}
