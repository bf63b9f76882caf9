//! Splits a `$filter` into words, texts, dates, numbers and brackets.
//!
//! OData 3 literals as Batch takes them: `'it''s'` for text, `datetime'...'` in any case.

use crate::batch::instant::Instant;

/// A piece of a filter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A property, operator or function name.
    Word(String),
    Text(String),
    Date(Instant),
    Number(i64),
    Open,
    Close,
    Comma,
}

/// Splits `filter`, or says what stands in the way.
pub(super) fn tokens(filter: &str) -> Result<Vec<Token>, String> {
    let mut rest = filter.trim_start();
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (token, behind) = match first {
            '(' => (Token::Open, &rest[1..]),
            ')' => (Token::Close, &rest[1..]),
            ',' => (Token::Comma, &rest[1..]),
            '\'' => {
                let (text, behind) = text(&rest[1..])?;
                (Token::Text(text), behind)
            }
            '-' | '0'..='9' => number(rest)?,
            'a'..='z' | 'A'..='Z' | '_' => word(rest)?,
            other => return Err(format!("unexpected character '{other}'")),
        };
        tokens.push(token);
        rest = behind.trim_start_matches(' ');
    }
    Ok(tokens)
}

/// The inside of a quoted text, and what comes behind its closing quote.
fn text(rest: &str) -> Result<(String, &str), String> {
    let mut text = String::new();
    let mut rest = rest;
    loop {
        let (inside, behind) =
            rest.split_once('\'').ok_or_else(|| "unterminated string literal".to_owned())?;
        text.push_str(inside);
        let Some(doubled) = behind.strip_prefix('\'') else {
            return Ok((text, behind));
        };
        text.push('\'');
        rest = doubled;
    }
}

fn number(rest: &str) -> Result<(Token, &str), String> {
    let digits = rest.strip_prefix('-').unwrap_or(rest);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let end = end + (rest.len() - digits.len());
    let (number, behind) = rest.split_at(end);
    let number = number.parse().map_err(|_| format!("'{number}' is not a valid number"))?;
    Ok((Token::Number(number), behind))
}

fn word(rest: &str) -> Result<(Token, &str), String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '/';
    let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    let (word, behind) = rest.split_at(end);
    let Some(quoted) = behind.strip_prefix('\'') else {
        return Ok((Token::Word(word.to_owned()), behind));
    };
    if !word.eq_ignore_ascii_case("datetime") {
        return Err(format!("'{word}' is not a known literal prefix"));
    }
    let (date, behind) = text(quoted)?;
    let instant = Instant::parse(&date).ok_or_else(|| format!("'{date}' is not a valid date"))?;
    Ok((Token::Date(instant), behind))
}
