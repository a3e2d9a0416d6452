//! What holds of every comment that anyone can write.

use lastgood::domain::comment::{Command, Prefix, Said, read, usages};

/// Checks a body with the prefix of the house, and with one that is ours alone.
pub fn holds(data: &[u8]) {
    let body = String::from_utf8_lossy(data);
    for prefix in [Prefix::default(), Prefix::new("/lastgood ").unwrap()] {
        let said = read(&body, &prefix);
        let line = body.split(['\n', '\r']).next().unwrap();
        assert_eq!(read(line, &prefix), said, "what is below the first line counts");
        match said {
            Said::NotForUs => {}
            Said::Mistake(mistake) => {
                assert!(is_addressed(line, &prefix));
                assert!(!mistake.why.is_empty());
                assert!(!usages(&prefix).is_empty());
            }
            Said::Command(command) => {
                assert!(is_addressed(line, &prefix));
                is_read_back(command, &prefix);
            }
        }
    }
}

fn is_addressed(line: &str, prefix: &Prefix) -> bool {
    line.starts_with(prefix.as_str()) || line.starts_with("/lastgood")
}

/// A command that is written out as it was understood says the same again.
fn is_read_back(command: Command, prefix: &Prefix) {
    let written = written(&command, prefix.as_str());
    assert!(!written.contains(['\n', '\r']), "{written:?}");
    if written.chars().count() <= 500 {
        assert_eq!(read(&written, prefix), Said::Command(command), "{written:?}");
    }
}

fn written(command: &Command, prefix: &str) -> String {
    let because = command.because().map(|text| format!(" because {text}")).unwrap_or_default();
    let place = command.environment().map(|name| format!(" {name}")).unwrap_or_default();
    let rest = match command {
        Command::Help => return "/lastgood help".to_owned(),
        Command::Approve(id) => format!(" {id}"),
        Command::Rollback { service, to, .. } => {
            let service = service.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
            let to = to.as_ref().map(|name| format!(" to {name}")).unwrap_or_default();
            format!("{service}{to}")
        }
        Command::Verify(_)
        | Command::Status(_)
        | Command::History(_)
        | Command::Cancel(_)
        | Command::Lock { .. }
        | Command::Unlock(_) => String::new(),
    };
    format!("{prefix}{}{place}{rest}{because}", command.verb())
}
