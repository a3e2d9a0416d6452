//! What conditions can do beyond CEL, and how much of it.

use std::cell::Cell;
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue};
use cel::common::types::{
    CelBool, CelDouble, CelInt, CelList, CelMap, CelNull, CelOptional, CelString, CelUInt, DYN_TYPE,
};
use cel::common::value::{CowVal, Val};
use cel::{Context, DeclarationError, Env, ExecutionError};

/// Counts what is about to be gone through or copied.
pub(super) const OVER: &str = "@over";
/// Lets everything through that can be compared: NaN cannot.
pub(super) const TOLD: &str = "@told";
/// Makes a whole number an index, whatever its type.
pub(super) const INDEX: &str = "@index";
/// As it is written.
pub(super) const DEFAULT: &str = "default";
/// As it is computed.
pub(super) const DEFAULT_OF: &str = "@default";

/// How many steps one evaluation may take.
pub(super) const STEPS: u64 = 250_000;

/// Why an evaluation ended that took too many.
const TOO_LONG: &str = "it takes too long over so much data";

/// Why a comparison has no answer.
pub(super) const NAN: &str = "it compares NaN, which is no number";

type Args<'b, 'v> = Vec<CowVal<'b, 'v>>;
type Answer<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

thread_local! {
    static METER: Cell<Meter> = const { Cell::new(Meter { left: 0, until: None }) };
}

/// What an evaluation may still spend.
#[derive(Clone, Copy)]
struct Meter {
    left: u64,
    until: Option<Instant>,
}

/// Begins to count on this thread.
pub(super) fn start(until: Instant) {
    METER.set(Meter { left: STEPS, until: Some(until) });
}

/// Returns why the evaluation on this thread had to end, where it had.
pub(super) fn exhausted() -> Option<&'static str> {
    (METER.get().left == 0).then_some(TOO_LONG)
}

fn spend(steps: usize) -> Result<(), ExecutionError> {
    let Meter { left, until } = METER.get();
    let late = until.is_some_and(|until| Instant::now() > until);
    let left = left.saturating_sub((steps as u64).saturating_add(1));
    let left = if late { 0 } else { left };
    METER.set(Meter { left, until });
    if left == 0 { Err(ExecutionError::function_error("condition", TOO_LONG)) } else { Ok(()) }
}

/// Returns an empty context with all that conditions can do.
pub(super) fn context<'v>() -> Result<Context<'static, 'v>, String> {
    static ENVIRONMENT: LazyLock<Result<Arc<Env>, DeclarationError>> =
        LazyLock::new(|| environment().map(Arc::new));
    match &*ENVIRONMENT {
        Ok(environment) => Ok(Context::with_env(environment.clone())),
        Err(why) => Err(why.to_string()),
    }
}

fn environment() -> Result<Env, DeclarationError> {
    let mut env = Env::stdlib();
    let one = || vec![DYN_TYPE];
    let two = || vec![DYN_TYPE, DYN_TYPE];
    env.add_overload(OVER, "over", one(), over)?;
    env.add_overload(TOLD, "told", one(), told)?;
    env.add_overload(INDEX, "index", one(), index)?;
    env.add_overload(DEFAULT_OF, "default", two(), default)?;
    env.add_overload("isNaN", "is_nan", one(), is_nan)?;
    env.add_overload("isInf", "is_inf", one(), is_inf)?;
    env.add_overload("asInt", "as_int", one(), as_int)?;
    env.add_overload("asFloat", "as_float", one(), as_float)?;
    env.add_overload("@_+_", "plus", two(), plus)?;
    env.add_overload("@_-_", "minus", two(), minus)?;
    env.add_overload("@_*_", "times", two(), times)?;
    env.add_overload("@_/_", "over_each", two(), divided)?;
    env.add_overload("@_%_", "modulo", two(), modulo)?;
    Ok(env)
}

/// Returns whether there is a function of this name to call in this way.
pub(super) fn is_there(call: &CallExpr) -> bool {
    let Ok(context) = context() else { return true };
    let null = || Box::new(IdedExpr { id: 0, expr: Expr::Literal(LiteralValue::Null) });
    let target = call.target.as_ref().map(|target| match &target.expr {
        Expr::Ident(name) if name == "optional" => target.clone(),
        _ => null(),
    });
    let func_name = call.func_name.clone();
    let called = Expr::Call(CallExpr { func_name, target, args: Vec::new() });
    let answer = context.resolve(&IdedExpr { id: 0, expr: called });
    !matches!(answer, Err(ExecutionError::UndeclaredReference(_)))
}

fn only<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    args.into_iter().next().ok_or(ExecutionError::MissingArgumentOrTarget)
}

/// Counts what a value holds, all the way down: going through it copies that much.
fn weight(value: &dyn Val, most: usize) -> usize {
    let mut total = 1;
    let mut add = |inner: &dyn Val| {
        if total < most {
            total += weight(inner, most - total);
        }
    };
    if let Some(list) = value.downcast_ref::<CelList>() {
        list.inner().iter().for_each(|item| add(item.as_ref()));
    } else if let Some(map) = value.downcast_ref::<CelMap>() {
        map.inner().values().for_each(|item| add(item.as_ref()));
    } else if let Some(text) = value.downcast_ref::<CelString>() {
        total += text.inner().len() / LETTERS;
    }
    total
}

/// So many letters of a text weigh as much as a number.
const LETTERS: usize = 64;

/// So much weight is carried in one step.
const CARRIED: usize = 4;

fn carry(value: &CowVal<'_, '_>) -> Result<(), ExecutionError> {
    let most = usize::try_from(METER.get().left).unwrap_or(usize::MAX).saturating_mul(CARRIED);
    spend(weight(value.as_ref(), most.saturating_add(CARRIED)) / CARRIED)
}

fn over<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let value = only(args)?;
    carry(&value)?;
    Ok(value)
}

fn told<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let value = over(args)?;
    if value.downcast_ref::<CelDouble>().is_some_and(|number| number.inner().is_nan()) {
        return Err(ExecutionError::function_error("comparison", NAN));
    }
    Ok(value)
}

fn double(value: &CowVal<'_, '_>) -> Option<f64> {
    let double = value.downcast_ref::<CelDouble>().map(|number| *number.inner());
    #[expect(clippy::cast_precision_loss, reason = "as JSON itself reads numbers")]
    let whole = || value.downcast_ref::<CelInt>().map(|number| *number.inner() as f64);
    #[expect(clippy::cast_precision_loss, reason = "as JSON itself reads numbers")]
    let natural = || value.downcast_ref::<CelUInt>().map(|number| *number.inner() as f64);
    double.or_else(whole).or_else(natural)
}

/// The whole number a double is; none where it is none that a double counts exactly.
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "bounded in this line")]
    (number.abs() <= EXACT).then(|| number.trunc() as i64)
}

fn index<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let value = only(args)?;
    let number = value.downcast_ref::<CelDouble>().map(|number| *number.inner());
    let integral = number.filter(|number| number.fract() == 0.0).and_then(whole);
    Ok(integral.map_or(value, |index| CowVal::owned(CelInt::from(index))))
}

fn default<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let mut args = args.into_iter();
    let (Some(value), Some(fallback)) = (args.next(), args.next()) else {
        return Err(ExecutionError::MissingArgumentOrTarget);
    };
    let value = match value.downcast_ref::<CelOptional>() {
        Some(optional) => match optional.option() {
            Some(value) => CowVal::Owned(value.clone_as_boxed()),
            None => return Ok(fallback),
        },
        None => value,
    };
    Ok(if value.downcast_ref::<CelNull>().is_some() { fallback } else { value })
}

fn is_nan<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    Ok(CowVal::owned(CelBool::from(double(&only(args)?).is_some_and(f64::is_nan))))
}

fn is_inf<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    Ok(CowVal::owned(CelBool::from(double(&only(args)?).is_some_and(f64::is_infinite))))
}

/// A number, or the number that a text is.
fn parsed(function: &str, value: &CowVal<'_, '_>) -> Result<f64, ExecutionError> {
    let text = || value.downcast_ref::<CelString>().map(|text| text.inner().trim().to_owned());
    let number = double(value).or_else(|| text().and_then(|text| super::number(&text)));
    let shown = || text().unwrap_or_else(|| value.get_type().name().to_owned());
    number.ok_or_else(|| {
        let shown = crate::domain::text::clean(&shown(), 40);
        ExecutionError::function_error(function, format!("`{shown}` is no number"))
    })
}

fn as_float<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    Ok(CowVal::owned(CelDouble::from(parsed("asFloat", &only(args)?)?)))
}

/// The fraction of a number is cut off; a text must be a whole number.
fn as_int<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let value = only(args)?;
    let none = |shown: &str| {
        let shown = crate::domain::text::clean(shown, 40);
        ExecutionError::function_error("asInt", format!("`{shown}` is no whole number"))
    };
    let found = if let Some(text) = value.downcast_ref::<CelString>() {
        text.inner().trim().parse().map_err(|_| none(text.inner()))?
    } else {
        let number = parsed("asInt", &value)?;
        whole(number).ok_or_else(|| none(&super::shown(number)))?
    };
    Ok(CowVal::owned(CelInt::from(found)))
}

/// Two operands; where one is a double, the other number is made one.
fn even<'b, 'v>(args: Args<'b, 'v>) -> Result<[CowVal<'b, 'v>; 2], ExecutionError> {
    let mut args = args.into_iter();
    let (Some(left), Some(right)) = (args.next(), args.next()) else {
        return Err(ExecutionError::MissingArgumentOrTarget);
    };
    carry(&left)?;
    carry(&right)?;
    let is_double = |value: &CowVal<'_, '_>| value.downcast_ref::<CelDouble>().is_some();
    if is_double(&left) == is_double(&right) {
        return Ok([left, right]);
    }
    let widened = |value: CowVal<'b, 'v>| match double(&value) {
        Some(number) => CowVal::owned(CelDouble::from(number)),
        None => value,
    };
    Ok([widened(left), widened(right)])
}

fn unfit(operator: &str, left: &CowVal<'_, '_>, right: &CowVal<'_, '_>) -> ExecutionError {
    let types = [left, right].map(|value| value.get_type().name().to_owned());
    ExecutionError::no_such_overload(operator, types.into())
}

macro_rules! arithmetic {
    ($name:ident, $sign:literal, $capability:ident, $method:ident) => {
        fn $name<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
            let [left, right] = even(args)?;
            let operand = left.$capability().ok_or_else(|| unfit($sign, &left, &right))?;
            let result = operand.$method(right.as_ref()).map_err(|why| match why {
                ExecutionError::UnsupportedBinaryOperator(..) => unfit($sign, &left, &right),
                other => other,
            })?;
            Ok(CowVal::Owned(result.into_owned()))
        }
    };
}

arithmetic!(plus, "_+_", as_adder, add);
arithmetic!(minus, "_-_", as_subtractor, sub);
arithmetic!(times, "_*_", as_multiplier, mul);
arithmetic!(divided, "_/_", as_divider, div);
arithmetic!(whole_modulo, "_%_", as_modder, modulo);

/// CEL has no remainder of doubles, and every number of JSON is one.
fn modulo<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let [left, right] = even(args)?;
    let doubles = left.downcast_ref::<CelDouble>().zip(right.downcast_ref::<CelDouble>());
    match doubles.map(|(left, right)| left.inner() % right.inner()) {
        Some(rest) => Ok(CowVal::owned(CelDouble::from(rest))),
        None => whole_modulo(vec![left, right]),
    }
}
