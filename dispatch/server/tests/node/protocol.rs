//! Clients of the stream that do not keep to its protocol: each is told what was wrong before its connection ends.

use dispatch_api::PROTOCOL;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{node, within};

/// The most a client may say at once, bytes.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// A stream that was begun, and nothing read of it yet.
async fn begun(address: std::net::SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /api/v1/stream HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-protocol: {PROTOCOL}\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"));
    stream
}

/// The code of the close that ends it: everything before is passed over, and nothing comes after.
async fn closed_with(stream: &mut TcpStream) -> u16 {
    loop {
        let first = stream.read_u8().await.expect("a close comes before the end");
        let length = match stream.read_u8().await.unwrap() {
            126 => u64::from(stream.read_u16().await.unwrap()),
            127 => stream.read_u64().await.unwrap(),
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        stream.read_exact(&mut payload).await.unwrap();
        if first & 0x0f == 8 {
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).await.expect("the connection ends in order");
            assert_eq!(rest, [0; 0]);
            return u16::from_be_bytes([payload[0], payload[1]]);
        }
    }
}

/// A frame with a mask of zeros, which leaves the payload as it is.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        short @ 0..126 => frame.push(0x80 | u8::try_from(short).unwrap()),
        long @ 126..0x1_0000 => {
            frame.push(0xfe);
            frame.extend(u16::try_from(long).unwrap().to_be_bytes());
        }
        huge => {
            frame.push(0xff);
            frame.extend((huge as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

#[tokio::test]
async fn whoever_breaks_the_protocol_is_told_how() {
    let bench = node().await;
    let unmasked = vec![0x81, 2, b'h', b'i'];
    let half = MESSAGE_BYTES_MAX / 2 + 1;
    let in_parts = [frame(0x01, &vec![b' '; half]), frame(0x80, &vec![b' '; half])].concat();
    let said = |code: u16, reason: &[u8]| frame(0x88, &[&code.to_be_bytes(), reason].concat());
    for (what, bytes, code) in [
        ("text that is not UTF-8", frame(0x81, b"\xff\xfe"), 1007),
        ("text that breaks off within a letter", frame(0x81, b"\xe8\x92"), 1007),
        ("a reason that is not UTF-8", said(1000, b"\xff"), 1007),
        ("a frame without a mask", unmasked, 1002),
        ("reserved bits", frame(0xc1, b"{}"), 1002),
        ("an opcode that is none", frame(0x83, b""), 1002),
        ("a control opcode that is none", frame(0x8b, b""), 1002),
        ("a control frame in parts", frame(0x09, b"x"), 1002),
        ("a long control frame", frame(0x89, &[0; 126]), 1002),
        ("a part that begins nothing", frame(0x80, b"x"), 1002),
        ("a beginning within another", [frame(0x01, b"x"), frame(0x81, b"x")].concat(), 1002),
        ("a close of one byte", frame(0x88, b"x"), 1002),
        ("a close with a code that is none", said(1005, b""), 1002),
        ("a message that is too long", frame(0x81, &vec![b' '; MESSAGE_BYTES_MAX + 1]), 1009),
        ("one that is too long in parts", in_parts, 1009),
        (
            "one that says it is longer than anything",
            [vec![0x81, 0xff], vec![0x7f; 8], vec![0; 4]].concat(),
            1009,
        ),
        ("a farewell", said(1000, b"bye"), 1000),
    ] {
        let mut stream = begun(bench.running.node.address).await;
        // The node may end before it has read all of it.
        let _ = stream.write_all(&bytes).await;
        assert_eq!(within(what, closed_with(&mut stream)).await, code, "{what}");
    }
    // One that goes on sending is told as well, and does not stay.
    let mut stream = begun(bench.running.node.address).await;
    let (mut ear, mut mouth) = stream.split();
    let talking =
        async { while mouth.write_all(&frame(0x82, &vec![0; MESSAGE_BYTES_MAX + 1])).await.is_ok() {} };
    let mut heard = Vec::new();
    let _ = within("the end", futures_util::future::join(talking, ear.read_to_end(&mut heard))).await;
    within("everybody to have left", async {
        while bench.running.node.hub.clients() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
