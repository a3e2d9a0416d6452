//! Reads the inputs of the Action and what reaches the binary.

/// Returns the inputs that `action.yml` declares, in order.
pub(super) fn declared(action: &str) -> Vec<String> {
    let inputs = action.lines().skip_while(|line| *line != "inputs:").skip(1);
    let block = inputs.take_while(|line| line.is_empty() || line.starts_with(' '));
    let named = |line: &str| {
        let name = line.strip_prefix("  ")?.strip_suffix(':')?;
        (!name.starts_with(' ')).then(|| name.to_owned())
    };
    block.filter_map(named).collect()
}

/// Returns the inputs that each step hands over, and under which name.
pub(super) fn handed_over(action: &str) -> Vec<Vec<(String, String)>> {
    let mut steps: Vec<Vec<(String, String)>> = Vec::new();
    for line in action.lines().map(str::trim) {
        if line == "env:" {
            steps.push(Vec::new());
        } else if let (Some(step), Some(pair)) = (steps.last_mut(), input(line)) {
            step.push(pair);
        }
    }
    steps
}

fn input(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(": ")?;
    let input = value.strip_prefix("${{ inputs.")?.strip_suffix(" }}")?;
    Some((input.to_owned(), name.to_owned()))
}

/// Returns the environment name of an input or flag.
pub(super) fn variable(name: &str) -> String {
    format!("LASTGOOD_IN_{}", name.to_uppercase().replace('-', "_"))
}

#[test]
fn inputs_and_what_is_handed_over_are_read_from_the_action() {
    let action = "inputs:\n  a-b:\n    default: x\n  c:\n    default: y\noutputs:\n  d:\n    value: z\nruns:\n  - env:\n  env:\n    LASTGOOD_IN_A_B: ${{ inputs.a-b }}\n";
    assert_eq!(declared(action), ["a-b", "c"]);
    assert_eq!(handed_over(action), [[("a-b".to_owned(), "LASTGOOD_IN_A_B".to_owned())]]);
    assert_eq!(variable("a-b"), "LASTGOOD_IN_A_B");
}
