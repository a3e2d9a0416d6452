//! Reads a condition, and makes its reckoning bounded and even.

use std::collections::BTreeSet;

use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, ListExpr, LiteralValue, MapExpr,
    SelectExpr, operators,
};
use cel::parser::{Expression, ParseErrors, Parser};

use super::functions;

/// The parser descends into nested expressions: its stack bounds how deep.
pub(super) const STACK: usize = 16 << 20;

/// How many levels a condition may have; a sum of many terms has as many.
const DEEPEST: usize = 200;

/// The names of types, which are values too.
pub(super) const TYPES: [&str; 10] =
    ["bool", "bytes", "double", "int", "list", "map", "null_type", "string", "uint", "type"];

/// What a person may have meant by a function that is not there.
const FUNCTIONS: [&str; 20] = [
    "all",
    "asFloat",
    "asInt",
    "contains",
    "default",
    "double",
    "endsWith",
    "exists",
    "exists_one",
    "filter",
    "has",
    "int",
    "isInf",
    "isNaN",
    "map",
    "matches",
    "size",
    "startsWith",
    "string",
    "type",
];

/// A condition that was read.
pub(super) struct Compiled {
    pub(super) expression: Expression,
    /// The names it takes from outside itself.
    pub(super) names: BTreeSet<String>,
}

/// Reads a condition, away from the caller's stack.
pub(super) fn compile(text: &str) -> Result<Compiled, String> {
    let source = text.to_owned();
    let reading = std::thread::Builder::new().name("condition".into()).stack_size(STACK);
    let reading = reading.spawn(move || read(&source));
    let reading = reading.map_err(|why| format!("could not read the condition: {why}"))?;
    reading.join().unwrap_or_else(|_| Err("this is no condition in CEL".to_owned()))
}

/// Returns the known name that is nearest to one that is not known.
pub(super) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = |known: &&str| strsim::damerau_levenshtein(name, known);
    let best = known.iter().copied().min_by_key(near)?;
    (near(&best) <= 2 && near(&best) < name.len().max(2)).then_some(best)
}

fn read(source: &str) -> Result<Compiled, String> {
    let mut expression = Parser::default().parse(source).map_err(|why| told(&why))?;
    let mut pass = Pass { bound: Vec::new(), names: BTreeSet::new(), depth: 0 };
    pass.visit(&mut expression)?;
    Ok(Compiled { expression, names: pass.names })
}

/// The first complaint; those after it mostly come of it.
fn told(errors: &ParseErrors) -> String {
    let Some(first) = errors.errors.first() else {
        return "this is no condition in CEL".to_owned();
    };
    let (line, column) = first.pos;
    let place =
        if line > 1 { format!("line {line}, column {column}") } else { format!("column {column}") };
    // What was expected is a list of every token there is.
    let why = first.msg.split(" expecting {").next().unwrap_or_default();
    let why = crate::domain::text::clean(why, 160);
    format!("this is no condition in CEL, at {place}: {why}")
}

/// One walk through a condition: finds its names, and puts our functions in.
struct Pass {
    bound: Vec<String>,
    names: BTreeSet<String>,
    depth: usize,
}

impl Pass {
    fn visit(&mut self, expression: &mut IdedExpr) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("a condition has at most {DEEPEST} levels, and this has more"));
        }
        match &mut expression.expr {
            Expr::Unspecified | Expr::Literal(_) => {}
            Expr::Ident(name) => self.name(name),
            Expr::Call(call) => self.call(call)?,
            Expr::Comprehension(loops) => self.comprehension(loops)?,
            Expr::List(ListExpr { elements, .. }) => {
                elements.iter_mut().try_for_each(|element| self.element(element))?;
            }
            Expr::Map(MapExpr { entries }) => {
                entries.iter_mut().try_for_each(|entry| self.entry(&mut entry.expr))?;
            }
            Expr::Select(SelectExpr { operand, .. }) => self.visit(operand)?,
            Expr::Struct(of) => {
                return Err(format!("a condition knows no type `{}`", of.type_name));
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn name(&mut self, name: &str) {
        let name = name.trim_start_matches('.');
        let bound = name.starts_with('@') || self.bound.iter().any(|bound| bound == name);
        if !bound && !TYPES.contains(&name) {
            self.names.insert(name.to_owned());
        }
    }

    fn entry(&mut self, entry: &mut EntryExpr) -> Result<(), String> {
        match entry {
            EntryExpr::StructField(field) => self.element(&mut field.value),
            EntryExpr::MapEntry(entry) => {
                self.visit(&mut entry.key)?;
                self.element(&mut entry.value)
            }
        }
    }

    /// What is put into a list or map is copied.
    fn element(&mut self, element: &mut IdedExpr) -> Result<(), String> {
        self.visit(element)?;
        if !matches!(element.expr, Expr::Literal(_)) {
            wrap(element, functions::OVER);
        }
        Ok(())
    }

    fn comprehension(&mut self, loops: &mut ComprehensionExpr) -> Result<(), String> {
        self.visit(&mut loops.iter_range)?;
        wrap(&mut loops.iter_range, functions::OVER);
        self.visit(&mut loops.accu_init)?;
        let before = self.bound.len();
        self.bound.push(loops.iter_var.clone());
        self.bound.extend(loops.iter_var2.clone());
        self.visit(&mut loops.loop_cond)?;
        self.visit(&mut loops.loop_step)?;
        self.visit(&mut loops.result)?;
        self.bound.truncate(before);
        Ok(())
    }

    fn call(&mut self, call: &mut CallExpr) -> Result<(), String> {
        if call.target.is_none() && call.func_name == functions::DEFAULT {
            return self.default(call);
        }
        // `optional.of(…)` names a function; its first half is no value.
        if let Some(target) = &mut call.target
            && !matches!(&target.expr, Expr::Ident(name) if name == "optional")
        {
            self.visit(target)?;
        }
        call.args.iter_mut().try_for_each(|arg| self.visit(arg))?;
        known(call)?;
        bounded(call);
        Ok(())
    }

    /// `default(a.b[0], c)` is `a.b[0]` where it is there and not null, else `c`.
    fn default(&mut self, call: &mut CallExpr) -> Result<(), String> {
        let [value, fallback] = call.args.as_mut_slice() else {
            return Err("`default` takes two: a value and what stands for it".to_owned());
        };
        self.visit(value)?;
        self.visit(fallback)?;
        optional(value);
        functions::DEFAULT_OF.clone_into(&mut call.func_name);
        Ok(())
    }
}

/// Makes a way into a value one that may lead nowhere.
fn optional(expression: &mut IdedExpr) {
    match &mut expression.expr {
        Expr::Select(select) if !select.test => {
            let SelectExpr { mut operand, field, .. } = std::mem::take(select);
            optional(&mut operand);
            let field = Expr::Literal(LiteralValue::String(field.into()));
            let args = vec![*operand, IdedExpr { id: expression.id, expr: field }];
            let name = operators::OPT_SELECT.to_owned();
            expression.expr = Expr::Call(CallExpr { func_name: name, target: None, args });
        }
        Expr::Call(call) if call.func_name == operators::INDEX => {
            operators::OPT_INDEX.clone_into(&mut call.func_name);
            call.args.first_mut().into_iter().for_each(optional);
        }
        _ => {}
    }
}

/// Puts our functions around what can take long, or takes only numbers of one type.
fn bounded(call: &mut CallExpr) {
    use operators as op;
    let accumulates = matches!(
        call.args.first().map(|arg| &arg.expr),
        Some(Expr::Ident(name)) if name.starts_with('@')
    );
    if call.target.is_some() || call.args.len() != 2 {
        return;
    }
    match call.func_name.as_str() {
        op::ADD if accumulates => {}
        op::ADD | op::SUBSTRACT | op::MULTIPLY | op::DIVIDE | op::MODULO => {
            call.func_name = format!("@{}", call.func_name);
        }
        op::LESS
        | op::LESS_EQUALS
        | op::GREATER
        | op::GREATER_EQUALS
        | op::EQUALS
        | op::NOT_EQUALS => call.args.iter_mut().for_each(|arg| wrap(arg, functions::TOLD)),
        op::IN => call.args.iter_mut().skip(1).for_each(|arg| wrap(arg, functions::OVER)),
        op::INDEX => call.args.iter_mut().skip(1).for_each(|arg| wrap(arg, functions::INDEX)),
        _ => {}
    }
}

fn wrap(expression: &mut IdedExpr, function: &str) {
    let (id, inner) = (expression.id, std::mem::take(expression));
    let call = CallExpr { func_name: function.to_owned(), target: None, args: vec![inner] };
    *expression = IdedExpr { id, expr: Expr::Call(call) };
}

fn known(call: &CallExpr) -> Result<(), String> {
    let name = call.func_name.as_str();
    let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !is_word || functions::is_there(call) {
        return Ok(());
    }
    let meant = match name {
        "len" => "; CEL writes `size(…)`".to_owned(),
        "any" => "; CEL writes `list.exists(x, …)`".to_owned(),
        "all" | "exists" | "exists_one" | "map" | "filter" => {
            format!("; it is called like `list.{name}(x, …)`")
        }
        "isNil" => "; CEL writes `… == null`".to_owned(),
        _ => match nearest(name, &FUNCTIONS) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => String::new(),
        },
    };
    let name = crate::domain::text::clean(name, 80);
    Err(format!("a condition knows no function `{name}`{meant}"))
}
