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

/// The last column is never cut shorter than this.
const LEAST: usize = 16;

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

    /// Returns the lines; columns without any text are left out, the last one is cut at the width.
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
    for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
        if *width == 0 {
            continue;
        }
        if column == last {
            let text = cut(&cell.text, most);
            out.push_str(&palette.paint(cell.tone, &text).to_string());
        } else {
            out.push_str(&palette.paint(cell.tone, &cell.text).to_string());
            out.extend(std::iter::repeat_n(' ', width - length(cell) + GAP));
        }
    }
    out
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
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
    fn the_last_column_is_cut_at_the_width() {
        insta::assert_snapshot!(shop().render(&PLAIN, 32), @"
        CHECK       FOUND
        api         answered with 200
        error rate  0.07, and a long wa…
        ");
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
