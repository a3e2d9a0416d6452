//! Small aligned tables.

use super::palette::{Palette, Tone};

/// One cell: a text and its tone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// Returns a cell in a tone.
    pub fn toned(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), tone }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::toned(Tone::Plain, text)
    }
}

/// Rows of cells whose columns are aligned.
#[derive(Debug, Clone, Default)]
pub struct Table {
    heading: Vec<Cell>,
    rows: Vec<Vec<Cell>>,
}

const GAP: usize = 2;

/// The last column is never made narrower than this.
const LEAST: usize = 20;

impl Table {
    /// Returns a table with a heading.
    pub fn headed<const N: usize>(names: [&str; N]) -> Self {
        let heading = names.map(|name| Cell::toned(Tone::Faint, name)).to_vec();
        Self { heading, rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        self.rows.push(cells.into());
    }

    /// Returns whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the lines; columns without any text are left out, the last one is wrapped at the width.
    pub fn render(&self, palette: &Palette, width: usize) -> String {
        let widths = self.widths();
        let last = widths.iter().rposition(|width| *width > 0).unwrap_or(0);
        let others = widths.iter().take(last).filter(|width| **width > 0);
        let before: usize = others.map(|width| width + GAP).sum();
        let most = width.saturating_sub(before).max(LEAST);
        let mut out = String::new();
        for row in self.lines() {
            out.push_str(line(row, &widths, last, most, palette).trim_end());
            out.push('\n');
        }
        out
    }

    fn lines(&self) -> impl Iterator<Item = &Vec<Cell>> {
        let heading = Some(&self.heading).filter(|heading| !heading.is_empty());
        heading.into_iter().chain(&self.rows)
    }

    /// The width of each column; nothing where only the heading has a text.
    fn widths(&self) -> Vec<usize> {
        let columns = self.lines().map(Vec::len).max().unwrap_or(0);
        let longest = |column: usize| {
            self.lines().filter_map(|row| row.get(column)).map(length).max().unwrap_or(0)
        };
        let is_used = |column: usize| {
            self.rows.iter().filter_map(|row| row.get(column)).any(|cell| length(cell) > 0)
        };
        (0..columns).map(|column| if is_used(column) { longest(column) } else { 0 }).collect()
    }
}

fn length(cell: &Cell) -> usize {
    cell.text.chars().count()
}

fn line(row: &[Cell], widths: &[usize], last: usize, most: usize, palette: &Palette) -> String {
    let mut out = String::new();
    let mut indent = 0;
    for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
        if *width == 0 {
            continue;
        }
        if column == last {
            let paint = |text: &String| palette.paint(cell.tone, text).to_string();
            let lines: Vec<String> = wrapped(&cell.text, most).iter().map(paint).collect();
            out.push_str(&lines.join(&format!("\n{}", " ".repeat(indent))));
        } else {
            out.push_str(&palette.paint(cell.tone, &cell.text).to_string());
            out.extend(std::iter::repeat_n(' ', width - length(cell) + GAP));
            indent += width + GAP;
        }
    }
    out
}

/// Breaks a text between words, and within a word that alone is too long.
fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut rest: Vec<char> = word.chars().collect();
        while let Some(line) = lines.last_mut() {
            let taken = line.chars().count();
            let gap = usize::from(taken > 0);
            if taken + gap + rest.len() <= most {
                line.extend(std::iter::repeat_n(' ', gap).chain(rest));
                break;
            }
            if taken == 0 {
                line.extend(rest.drain(..most));
            }
            lines.push(String::new());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::palette::PLAIN;
    use super::*;

    fn shop() -> Table {
        let mut table = Table::headed(["CHECK", "NOTE", "FOUND"]);
        table.row(["api".into(), "".into(), "answered with 200".into()]);
        table.row(["error rate".into(), "".into(), "0.07, and a long way to say it".into()]);
        table
    }

    #[test]
    fn columns_are_aligned_and_one_without_text_is_left_out() {
        insta::assert_snapshot!(shop().render(&PLAIN, 80), @"
        CHECK       FOUND
        api         answered with 200
        error rate  0.07, and a long way to say it
        ");
    }

    #[test]
    fn the_last_column_is_wrapped_at_the_width() {
        insta::assert_snapshot!(shop().render(&PLAIN, 32), @"
        CHECK       FOUND
        api         answered with 200
        error rate  0.07, and a long way
                    to say it
        ");
    }

    #[test]
    fn a_word_that_is_too_long_is_broken_and_nothing_is_lost() {
        assert_eq!(wrapped("abcdefgh ij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrapped("", 4), [""]);
    }

    #[test]
    fn colours_do_not_count_for_the_width() {
        let mut table = Table::default();
        table.row([Cell::toned(Tone::Good, "ok"), "a".into()]);
        table.row(["longer".into(), "b".into()]);
        let coloured = table.render(&super::super::palette::COLOURED, 80);
        assert_eq!(coloured, "\u{1b}[32mok\u{1b}[0m      a\nlonger  b\n");
    }
}
