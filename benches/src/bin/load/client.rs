//! A load generator that takes little of the machine: prepared bytes out, as much of HTTP/1.1 read as these servers write.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A request, written out. With several bodies they are sent in turn.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    bytes: Vec<Vec<u8>>,
}

impl Request {
    pub(crate) fn get(path: &str, token: &str) -> Self {
        Self { bytes: vec![head("GET", path, token, "").into_bytes()] }
    }

    pub(crate) fn with_bodies(method: &str, path: &str, token: &str, bodies: &[Value]) -> Self {
        let bytes = bodies.iter().map(|body| head(method, path, token, &body.to_string()).into_bytes());
        Self { bytes: bytes.collect() }
    }
}

fn head(method: &str, path: &str, token: &str, body: &str) -> String {
    let auth = if token.is_empty() { String::new() } else { format!("authorization: Bearer {token}\r\n") };
    let about = if body.is_empty() {
        String::new()
    } else {
        format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len())
    };
    format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{auth}{about}\r\n{body}")
}

/// What was measured.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// Answers of 2xx a second.
    pub(crate) rate: f64,
    /// Answers that were none, or not 2xx.
    pub(crate) errors: usize,
    /// Milliseconds of each answer, ascending.
    latencies: Vec<f64>,
}

impl Figures {
    /// Milliseconds within which this share of the answers came.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a position in a list that fits into memory"
        )]
        let position = (self.latencies.len() as f64 * share) as usize;
        let last = self.latencies.len().saturating_sub(1);
        self.latencies.get(position.min(last)).copied().unwrap_or(f64::NAN)
    }
}

/// Sends one request on a connection of its own.
pub(crate) async fn once(port: u16, request: &Request) -> Result<(u16, Vec<u8>)> {
    let bytes = request.bytes.first().context("a request has bytes")?;
    Connection::open(port).await?.ask(bytes).await
}

/// Asks as fast as so many connections can.
pub(crate) async fn measure(
    port: u16,
    request: &Request,
    connections: usize,
    warm_up: Duration,
    duration: Duration,
) -> Result<Figures> {
    let from = Instant::now() + warm_up;
    let until = from + duration;
    let tasks: Vec<_> =
        (0..connections).map(|_| tokio::spawn(ask_until(port, request.clone(), from, until))).collect();
    let mut all = Figures::default();
    for task in tasks {
        let part = task.await?;
        all.errors += part.errors;
        all.latencies.extend(part.latencies);
    }
    all.latencies.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, reason = "a count of answers")]
    let answers = all.latencies.len() as f64;
    all.rate = answers / duration.as_secs_f64();
    Ok(all)
}

async fn ask_until(port: u16, request: Request, from: Instant, until: Instant) -> Figures {
    let mut figures = Figures::default();
    let mut connection = None;
    for bytes in request.bytes.iter().cycle() {
        let started = Instant::now();
        if started >= until {
            break;
        }
        let answer = match connection.as_mut() {
            Some(open) => Connection::ask(open, bytes).await,
            None => match Connection::open(port).await {
                Ok(open) => connection.insert(open).ask(bytes).await,
                Err(error) => Err(error),
            },
        };
        let took = started.elapsed();
        match answer {
            Ok((200..=299, _)) if started >= from => figures.latencies.push(took.as_secs_f64() * 1000.0),
            Ok((200..=299, _)) => {}
            Ok(_) => figures.errors += 1,
            Err(_) => {
                figures.errors += 1;
                connection = None;
            }
        }
    }
    figures
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends and reads one answer; both servers say how long it is.
    async fn ask(&mut self, bytes: &[u8]) -> Result<(u16, Vec<u8>)> {
        self.stream.write_all(bytes).await?;
        self.buffer.clear();
        let (status, start, end) = loop {
            anyhow::ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the connection was closed");
            if let Some(found) = frame(&self.buffer)? {
                break found;
            }
        };
        while self.buffer.len() < end {
            anyhow::ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the connection was closed");
        }
        Ok((status, self.buffer.get(start..end).unwrap_or_default().to_vec()))
    }
}

/// The status, and where the body begins and ends, once the head is there.
fn frame(buffer: &[u8]) -> Result<Option<(u16, usize, usize)>> {
    let Some(head_end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(buffer.get(..head_end).unwrap_or_default())?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).context("no status")?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let start = head_end + 4;
    Ok(Some((status, start, start + length.context("no content-length")?)))
}
