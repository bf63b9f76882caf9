//! Parses a `$filter` into a tree, checking each property's operators and the literal's type.
//!
//! ```text
//! filter := term ("or" term)*
//! term   := factor ("and" factor)*
//! factor := "(" filter ")" | "startswith" "(" property "," text ")" | property op literal
//! op     := "eq" | "ne" | "gt" | "ge" | "lt" | "le"
//! ```
//! Learn: "Create queries to list Batch resources efficiently", its tables say which property takes
//! which operators.

use crate::batch::{
    filter::{
        Comparison, Filter, Invalid, Operator, Property, Scope, Value,
        lexer::{Token, tokens},
    },
    job::State,
};

/// A bracket inside a bracket inside ...: deeper than any sane filter, and safe for the stack.
const MAX_DEPTH: usize = 64;

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    scope: Scope,
    depth: usize,
}

/// Parses a whole filter.
pub(super) fn parse(text: &str, scope: Scope) -> Result<Filter, Invalid> {
    let tokens = tokens(text).map_err(Invalid::Syntax)?.into_iter().peekable();
    let mut parser = Parser { tokens, scope, depth: 0 };
    let filter = parser.filter()?;
    match parser.tokens.next() {
        None => Ok(filter),
        Some(token) => Err(unexpected(Some(&token), "the end")),
    }
}

impl Parser {
    fn filter(&mut self) -> Result<Filter, Invalid> {
        let mut left = self.term()?;
        while self.takes_word("or") {
            left = Filter::Or(Box::new(left), Box::new(self.term()?));
        }
        Ok(left)
    }

    fn term(&mut self) -> Result<Filter, Invalid> {
        let mut left = self.factor()?;
        while self.takes_word("and") {
            left = Filter::And(Box::new(left), Box::new(self.factor()?));
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Filter, Invalid> {
        match self.tokens.next() {
            Some(Token::Open) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(Invalid::Syntax("the filter is nested too deeply".to_owned()));
                }
                let filter = self.filter()?;
                self.expect(&Token::Close, "')'")?;
                self.depth -= 1;
                Ok(filter)
            }
            Some(Token::Word(word)) if word == "startswith" => self.starts_with(),
            Some(Token::Word(name)) => self.comparison(&name),
            other => Err(unexpected(other.as_ref(), "a property")),
        }
    }

    fn starts_with(&mut self) -> Result<Filter, Invalid> {
        self.expect(&Token::Open, "'('")?;
        let property = match self.tokens.next() {
            Some(Token::Word(name)) => self.property(&name)?,
            other => return Err(unexpected(other.as_ref(), "a property")),
        };
        if !matches!(property, Property::Id | Property::PoolId) {
            return Err(Invalid::Syntax("startswith takes id or executionInfo/poolId".to_owned()));
        }
        self.expect(&Token::Comma, "','")?;
        let prefix = match self.tokens.next() {
            Some(Token::Text(text)) => text.to_lowercase(),
            other => return Err(unexpected(other.as_ref(), "a string literal")),
        };
        self.expect(&Token::Close, "')'")?;
        Ok(Filter::StartsWith(property, prefix))
    }

    fn comparison(&mut self, name: &str) -> Result<Filter, Invalid> {
        let property = self.property(name)?;
        let operator = match self.tokens.next() {
            Some(Token::Word(word)) => operator(&word)?,
            other => return Err(unexpected(other.as_ref(), "an operator")),
        };
        let value = match (property, self.tokens.next()) {
            (Property::State, Some(Token::Text(text))) => {
                if !matches!(operator, Operator::Eq | Operator::Ne) {
                    return Err(Invalid::Syntax("state supports only eq and ne".to_owned()));
                }
                Value::State(state(&text)?)
            }
            (Property::Id | Property::PoolId, Some(Token::Text(text))) => Value::Text(text.to_lowercase()),
            (property, Some(Token::Date(instant))) if property.is_date() => Value::Date(instant),
            (property, Some(token)) => return Err(mistyped(name, property, &token)),
            (_, None) => return Err(unexpected(None, "a literal")),
        };
        Ok(Filter::Compare(Comparison { property, operator, value }))
    }

    fn property(&self, name: &str) -> Result<Property, Invalid> {
        Property::parse(name, self.scope)
            .ok_or_else(|| Invalid::Syntax(format!("the property '{name}' cannot be filtered by")))
    }

    fn expect(&mut self, token: &Token, name: &str) -> Result<(), Invalid> {
        let next = self.tokens.next();
        if next.as_ref() == Some(token) { Ok(()) } else { Err(unexpected(next.as_ref(), name)) }
    }

    fn takes_word(&mut self, word: &str) -> bool {
        self.tokens.next_if(|token| matches!(token, Token::Word(found) if found == word)).is_some()
    }
}

fn operator(word: &str) -> Result<Operator, Invalid> {
    Ok(match word {
        "eq" => Operator::Eq,
        "ne" => Operator::Ne,
        "gt" => Operator::Gt,
        "ge" => Operator::Ge,
        "lt" => Operator::Lt,
        "le" => Operator::Le,
        other => return Err(Invalid::Syntax(format!("the operator '{other}' is not supported"))),
    })
}

fn state(text: &str) -> Result<State, Invalid> {
    State::ALL
        .into_iter()
        .find(|state| state.text().eq_ignore_ascii_case(text))
        .ok_or_else(|| Invalid::State(text.to_owned()))
}

fn mistyped(name: &str, property: Property, token: &Token) -> Invalid {
    let expected = if property.is_date() { "a datetime literal" } else { "a string literal" };
    Invalid::Syntax(format!("'{name}' is compared with {}, expected {expected}", describe(token)))
}

fn unexpected(token: Option<&Token>, expected: &str) -> Invalid {
    let found = token.map_or_else(|| "the end".to_owned(), describe);
    Invalid::Syntax(format!("found {found}, expected {expected}"))
}

fn describe(token: &Token) -> String {
    match token {
        Token::Word(word) => format!("'{word}'"),
        Token::Text(_) => "a string literal".to_owned(),
        Token::Date(_) => "a datetime literal".to_owned(),
        Token::Number(number) => format!("the number {number}"),
        Token::Open => "'('".to_owned(),
        Token::Close => "')'".to_owned(),
        Token::Comma => "','".to_owned(),
    }
}
