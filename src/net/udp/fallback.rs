//! A system without the calls for many datagrams: a filter refuses them to
//! one thread, as some containers do to all.

use std::mem;
use std::net::Ipv4Addr;

use super::{Engine, Head, Outgoing, Slots, UdpSocket};

/// From now on this thread has no recvmmsg and no sendmmsg.
fn forbid_batches() {
    let jump = |nr: libc::c_long, met, otherwise| libc::sock_filter {
        code: (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16,
        jt: met,
        jf: otherwise,
        k: nr as u32,
    };
    let give = |what| libc::sock_filter {
        code: (libc::BPF_RET | libc::BPF_K) as u16,
        jt: 0,
        jf: 0,
        k: what,
    };
    let load_number = libc::sock_filter {
        code: (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16,
        jt: 0,
        jf: 0,
        k: mem::offset_of!(libc::seccomp_data, nr) as u32,
    };
    let mut filter = [
        load_number,
        jump(libc::SYS_recvmmsg, 1, 0),
        jump(libc::SYS_sendmmsg, 0, 1),
        give(libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32),
        give(libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: the program and the filter that it points to live through the
    // calls, which copy them; they concern this thread alone.
    unsafe {
        assert_eq!(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        let mode = libc::SECCOMP_MODE_FILTER;
        assert_eq!(libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program), 0);
    }
}

#[test]
fn without_the_calls_for_many_datagrams_go_one_by_one() {
    let without = || {
        forbid_batches();
        let bind = || UdpSocket::bind((Ipv4Addr::LOCALHOST, 0).into(), false, Engine::Batched);
        let (ours, theirs) = (bind().expect("a free port"), bind().expect("a free port"));
        let (from, to) = (ours.local_addr(), theirs.local_addr());
        let buffer: Vec<u8> = (0..200).collect();
        let packet = |n: usize| {
            let head = Head::of(|bytes| {
                bytes[..4].fill(n as u8);
                4
            });
            Outgoing { to, from: None, head, range: n..n + 60, padding: n % 4 }
        };
        let batch: Vec<_> = (0..100).map(packet).collect();
        assert_eq!(ours.send_batch(&buffer, &batch), batch.len());
        let mut slots = Slots::new(100);
        for packet in &batch {
            assert!(theirs.receive(&mut slots).expect("loopback gives it"), "there may be more");
            assert_eq!(slots.len(), 1);
            let received = slots.datagram(0);
            assert_eq!(received.from, from);
            assert_eq!(received.bytes.expect("not too long"), packet.parts(&buffer).concat());
        }
    };
    std::thread::spawn(without).join().expect("it works without");
}
