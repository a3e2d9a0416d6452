//! The colours of text, and the lack of them.

use std::fmt;

use anstyle::{AnsiColor, Style};

/// What a piece of text is, so that a palette can colour it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Text like any other.
    #[default]
    Plain,
    /// What people look for first.
    Strong,
    /// What is only there to be complete.
    Faint,
    /// As it should be.
    Good,
    /// Sick, failed.
    Bad,
    /// Neither, or undecided.
    Odd,
}

/// Which style each tone has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    strong: Style,
    faint: Style,
    good: Style,
    bad: Style,
    odd: Style,
}

/// No colours at all.
pub const PLAIN: Palette = Palette {
    strong: Style::new(),
    faint: Style::new(),
    good: Style::new(),
    bad: Style::new(),
    odd: Style::new(),
};

/// The colours of a terminal.
pub const COLOURED: Palette = Palette {
    strong: Style::new().bold(),
    faint: Style::new().dimmed(),
    good: AnsiColor::Green.on_default(),
    bad: AnsiColor::Red.on_default().bold(),
    odd: AnsiColor::Yellow.on_default(),
};

impl Palette {
    /// Returns a text in the style of its tone.
    pub fn paint<'a>(&self, tone: Tone, text: &'a str) -> Painted<'a> {
        let style = match tone {
            Tone::Plain => Style::new(),
            Tone::Strong => self.strong,
            Tone::Faint => self.faint,
            Tone::Good => self.good,
            Tone::Bad => self.bad,
            Tone::Odd => self.odd,
        };
        Painted { style, text }
    }
}

/// A text with its style.
#[derive(Debug, Clone, Copy)]
pub struct Painted<'a> {
    style: Style,
    text: &'a str,
}

impl fmt::Display for Painted<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let style = self.style;
        write!(out, "{style}{}{style:#}", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_palette_writes_no_escape() {
        for tone in [Tone::Plain, Tone::Strong, Tone::Faint, Tone::Good, Tone::Bad, Tone::Odd] {
            assert_eq!(PLAIN.paint(tone, "sick").to_string(), "sick");
        }
    }

    #[test]
    fn a_coloured_text_ends_its_colour() {
        let painted = COLOURED.paint(Tone::Good, "fine").to_string();
        assert_eq!(painted, "\u{1b}[32mfine\u{1b}[0m");
    }
}
