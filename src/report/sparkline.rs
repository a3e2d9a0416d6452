//! A row of numbers as a line of small bars.

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The most bars that a line has.
const WIDTH: usize = 20;

/// The least part of the greatest number that the line spans: what differs by less is level.
const SPAN: f64 = 0.1;

/// Returns the newest numbers as bars between their least and their greatest; nothing for fewer than two.
///
/// Bars that show nothing but a tremble would tell of a rise, so the whole height is never less than a tenth of the greatest.
/// What is no number (NaN, an infinity) is a gap.
pub(super) fn sparkline(series: &[f64]) -> String {
    let shown = &series[series.len().saturating_sub(WIDTH)..];
    let numbers = || shown.iter().copied().filter(|number| number.is_finite());
    if shown.len() < 2 || numbers().next().is_none() {
        return String::new();
    }
    let least = numbers().fold(f64::INFINITY, f64::min);
    let greatest = numbers().fold(f64::NEG_INFINITY, f64::max);
    // Halves, since the difference of two great numbers may be no number.
    let half = (greatest / 2.0 - least / 2.0).max(greatest.abs().max(least.abs()) / 2.0 * SPAN);
    shown.iter().map(|number| bar(*number, least, half)).collect()
}

/// Returns the bar of a number where half of the height is so much.
fn bar(number: f64, least: f64, half: f64) -> char {
    if !number.is_finite() {
        return '·';
    }
    let height = (number / 2.0 - least / 2.0) / half;
    let steps = [0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875];
    let at = steps.iter().filter(|step| height >= **step).count();
    BARS[at]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_bars_between_their_least_and_their_greatest() {
        assert_eq!(sparkline(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]), "▁▂▃▄▅▆▇█");
        assert_eq!(sparkline(&[5.0, 5.0]), "▁▁");
        assert_eq!(sparkline(&[-f64::MAX, f64::MAX]), "▁█");
    }

    #[test]
    fn what_hardly_differs_is_level() {
        assert_eq!(sparkline(&[90.0, 89.9, 90.0]), "▁▁▁");
        assert_eq!(sparkline(&[-90.0, -89.9]), "▁▁");
        assert_eq!(sparkline(&[100.0, 105.0, 110.0]), "▁▄█");
        assert_eq!(sparkline(&[0.001, 0.002]), "▁█");
        assert_eq!(sparkline(&[0.0, 0.0]), "▁▁");
    }

    #[test]
    fn what_is_no_number_is_a_gap_and_one_number_is_no_line() {
        assert_eq!(sparkline(&[1.0, f64::NAN, 2.0, f64::INFINITY]), "▁·█·");
        assert_eq!(sparkline(&[f64::NAN, f64::NAN]), "");
        assert_eq!(sparkline(&[1.0]), "");
    }

    #[test]
    fn only_the_newest_are_shown() {
        let long: Vec<f64> = (0..100u8).map(f64::from).collect();
        assert_eq!(sparkline(&long).chars().count(), WIDTH);
    }
}
