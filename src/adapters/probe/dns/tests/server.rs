//! A name server that says what a test wants it to say.

use std::net::Ipv4Addr;
use std::sync::Arc;

use hickory_proto::op::{Message, MessageType};
use hickory_proto::rr::rdata::{A, AAAA, NS, SOA, TXT};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinHandle;

type Says = Arc<dyn Fn(&Message) -> Vec<Vec<u8>> + Send + Sync>;

/// Listens on one port both ways; stops when it is let go.
pub(super) struct NameServer {
    pub(super) port: u16,
    tasks: Vec<JoinHandle<()>>,
}

impl NameServer {
    /// Starts a server that answers each question with these messages.
    pub(super) async fn start(
        says: impl Fn(&Message) -> Vec<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        let says: Says = Arc::new(says);
        Self::serving(says.clone(), says).await
    }

    /// Starts a server that answers datagrams and connections differently.
    pub(super) async fn start_two(
        datagrams: impl Fn(&Message) -> Vec<Vec<u8>> + Send + Sync + 'static,
        connections: impl Fn(&Message) -> Vec<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        Self::serving(Arc::new(datagrams), Arc::new(connections)).await
    }

    async fn serving(datagrams: Says, connections: Says) -> Self {
        let (listener, socket) = loop {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            if let Ok(socket) = UdpSocket::bind(listener.local_addr().unwrap()).await {
                break (listener, socket);
            }
        };
        let port = listener.local_addr().unwrap().port();
        let udp = tokio::spawn(async move {
            let mut heard = vec![0; 65_535];
            while let Ok((read, from)) = socket.recv_from(&mut heard).await {
                for answer in datagrams(&Message::from_vec(&heard[..read]).unwrap()) {
                    socket.send_to(&answer, from).await.unwrap();
                }
            }
        });
        let tcp = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                talk(stream, &connections).await;
            }
        });
        Self { port, tasks: vec![udp, tcp] }
    }

    /// Stops it and returns the port that nobody listens on any more.
    pub(super) fn stop(self) -> u16 {
        self.port
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn talk(mut stream: TcpStream, says: &Says) {
    let mut heard = vec![0; usize::from(stream.read_u16().await.unwrap())];
    stream.read_exact(&mut heard).await.unwrap();
    for answer in says(&Message::from_vec(&heard).unwrap()) {
        let length = u16::try_from(answer.len()).unwrap();
        // Who has its answer hangs up.
        let _ = stream.write_all(&[&length.to_be_bytes()[..], &answer].concat()).await;
    }
}

/// Returns an answer without a record.
pub(super) fn reply(asked: &Message) -> Message {
    let mut message =
        Message::new(asked.metadata.id, MessageType::Response, asked.metadata.op_code);
    message.add_queries(asked.queries.clone());
    message
}

/// Returns two addresses.
pub(super) fn example(asked: &Message) -> Message {
    let mut message = reply(asked);
    message.add_answers([1, 2].map(|last| record("example.com.", 3600, address(last))));
    message
}

/// Returns what a server in charge of `example.com` answers.
pub(super) fn in_charge(asked: &Message) -> Message {
    let name = |text: &str| Name::from_ascii(text).unwrap();
    let mut message = reply(asked);
    let query = &asked.queries[0];
    message.add_answer(match (query.query_class(), query.query_type()) {
        (DNSClass::CH, RecordType::TXT) => {
            let text = RData::TXT(TXT::new(vec!["goCHAOS".to_owned()]));
            let mut record = record("example.com.", 3600, text);
            record.dns_class = DNSClass::CH;
            record
        }
        (_, RecordType::SOA) => {
            let (ns, noc) = (name("ns.example.com."), name("noc.example.com."));
            let soa = SOA::new(ns, noc, 1000, 7200, 3600, 1_209_600, 3600);
            record("example.com.", 3600, RData::SOA(soa))
        }
        _ => record("example.com.", 3600, address(1)),
    });
    let servers = ["ns1.isp.net.", "ns2.isp.net."];
    let ns = servers.map(|server| record("example.com.", 7200, RData::NS(NS(name(server)))));
    message.add_authorities(ns);
    message.add_additionals([
        record("ns1.isp.net.", 7200, address(1)),
        record("ns1.isp.net.", 7200, RData::AAAA(AAAA("::1".parse().unwrap()))),
        record("ns2.isp.net.", 7200, address(2)),
    ]);
    message
}

fn address(last: u8) -> RData {
    RData::A(A(Ipv4Addr::new(127, 0, 0, last)))
}

pub(super) fn record(name: &str, ttl: u32, data: RData) -> Record {
    Record::from_rdata(Name::from_ascii(name).unwrap(), ttl, data)
}
