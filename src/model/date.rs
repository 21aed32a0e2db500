//! Moments and days of the calendar.

/// A moment, as a commit states it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Seconds since 1970-01-01 UTC.
    pub seconds: i64,
    /// ISO 8601 with the author's own offset: `2024-03-02T17:01:00+01:00`.
    pub text: String,
}

impl Date {
    /// The moment so many seconds after 1970-01-01 UTC, told for a place so many minutes east of Greenwich.
    #[must_use]
    pub fn new(seconds: i64, offset: i64) -> Self {
        Self { seconds, text: iso_8601(seconds, offset) }
    }

    /// Its day: `2024-03-02`.
    #[must_use]
    pub fn day(&self) -> &str {
        self.text.get(..10).unwrap_or(&self.text)
    }
}

/// `2024-03-02T17:01:00+01:00`; years before 0 and behind 9999 become these, for the format has no others.
fn iso_8601(seconds: i64, offset: i64) -> String {
    const DAY: i64 = 86_400;
    const YEAR_0: i64 = -62_167_219_200;
    const YEAR_9999: i64 = 253_402_300_799;
    let local = seconds.saturating_add(offset * 60).clamp(YEAR_0, YEAR_9999);
    let (year, month, day) = civil(local.div_euclid(DAY));
    let clock = local.rem_euclid(DAY);
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if offset == 0 {
        text.push('Z');
    } else {
        let sign = if offset < 0 { '-' } else { '+' };
        text.push_str(&format!("{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60));
    }
    text
}

/// Year, month and day of a number of days since 1970-01-01, in the Gregorian calendar. Years are taken to begin in March, so that the leap day
/// comes last; 400 of them always have as many days.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn days_are_those_of_the_calendar() {
        let at = |seconds| Date::new(seconds, 0).text;
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(at(4_107_542_399), "2100-02-28T23:59:59Z");
        assert_eq!(at(4_107_542_400), "2100-03-01T00:00:00Z");
        assert_eq!(at(-1), "1969-12-31T23:59:59Z");
        assert_eq!(at(i64::MIN), "0000-01-01T00:00:00Z");
    }

    #[test]
    fn the_day_is_the_authors() {
        assert_eq!(Date::new(951_782_399, 60).day(), "2000-02-29");
        assert_eq!(Date { seconds: 0, text: "then".to_owned() }.day(), "then");
    }
}
