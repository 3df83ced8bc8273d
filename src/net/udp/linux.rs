//! recvmmsg and sendmmsg, with messages that are many datagrams: the system
//! puts them together on their way in (UDP_GRO) and takes them apart on their
//! way out (UDP_SEGMENT), which is what costs least for each.

use std::io;
use std::mem::{self, MaybeUninit};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::io::Errno;
use rustix::net::SendFlags;

use super::batch::Message;
use super::control::{CONTROL, Control, Told, read_controls, write_control, write_source};
use super::socket::as_sent;
use super::{BATCH, Outgoing, Slots};

/// Whether the calls that are used here are to be had: some containers refuse them.
pub(super) fn is_complete(socket: &impl AsRawFd) -> bool {
    let socket = socket.as_raw_fd();
    // SAFETY: with a count of zero, neither looks at the messages.
    unsafe {
        let wait = libc::MSG_DONTWAIT;
        libc::recvmmsg(socket, ptr::null_mut(), 0, wait, ptr::null_mut()) == 0
            && libc::sendmmsg(socket, ptr::null_mut(), 0, wait) == 0
    }
}

/// Has the system say with each datagram which of our addresses it came to.
pub(super) fn tell_destinations(socket: &impl AsRawFd, ipv6: bool) -> io::Result<()> {
    let (level, option) = if ipv6 {
        (libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO)
    } else {
        (libc::IPPROTO_IP, libc::IP_PKTINFO)
    };
    let on: libc::c_int = 1;
    // SAFETY: the pointer is to a c_int that lives through the call, and the
    // length is its size.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            option,
            ptr::from_ref(&on).cast(),
            mem::size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Has the system put datagrams of one sender together in one message, where
/// it can (since Linux 5.0). Without, each comes on its own.
pub(super) fn join_received(socket: &impl AsRawFd) {
    let on: libc::c_int = 1;
    // SAFETY: the pointer is to a c_int that lives through the call, and the
    // length is its size.
    let _ = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_UDP,
            libc::UDP_GRO,
            ptr::from_ref(&on).cast(),
            mem::size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
}

/// Has the system take each message apart into datagrams of this length.
pub(super) fn split_sent(socket: &impl AsRawFd, length: u16) -> io::Result<()> {
    let length = libc::c_int::from(length);
    // SAFETY: the pointer is to a c_int that lives through the call, and the
    // length is its size.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_UDP,
            libc::UDP_SEGMENT,
            ptr::from_ref(&length).cast(),
            mem::size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Receives what has arrived, at most so many messages, which are a batch or fewer;
/// gives how many came.
pub(super) fn receive(socket: &impl AsRawFd, slots: &mut Slots, most: usize) -> io::Result<usize> {
    slots.clear();
    let mut messages = [const { MaybeUninit::<libc::mmsghdr>::uninit() }; BATCH];
    let mut parts = [const { MaybeUninit::<libc::iovec>::uninit() }; BATCH];
    let mut names = [const { MaybeUninit::<libc::sockaddr_in6>::uninit() }; BATCH];
    let mut controls = [const { MaybeUninit::<Control>::uninit() }; BATCH];
    let most = most.min(BATCH);
    for (i, room) in slots.bytes.chunks_exact_mut(slots.stride).take(most).enumerate() {
        let part = libc::iovec { iov_base: room.as_mut_ptr().cast(), iov_len: room.len() };
        let part = ptr::from_mut(parts[i].write(part));
        let name = names[i].as_mut_ptr();
        let message = messages[i].write(message(name, mem::size_of_val(&names[i]), part, 1));
        message.msg_hdr.msg_control = controls[i].as_mut_ptr().cast();
        message.msg_hdr.msg_controllen = CONTROL as _;
    }
    // SAFETY: the first `most` elements of `messages` are initialised, as there are as
    // many chunks; each points to one
    // `iovec`, one address buffer and one control buffer that live until the
    // end of this function, and each `iovec` to a distinct part of
    // `slots.bytes`, which is borrowed mutably. sockaddr_in6 is the longest
    // address that a socket of either family writes.
    let count = unsafe {
        libc::recvmmsg(
            socket.as_raw_fd(),
            messages.as_mut_ptr().cast(),
            most as u32,
            libc::MSG_DONTWAIT,
            ptr::null_mut(),
        )
    };
    let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
    for i in 0..count {
        // SAFETY: all elements were initialised above; the kernel only
        // changed lengths and flags in them.
        let message = unsafe { messages[i].assume_init_ref() };
        // SAFETY: the kernel has set the control part.
        let Told { segment, to } = unsafe { read_controls(&message.msg_hdr) };
        // SAFETY: the kernel has written a whole sockaddr_in or sockaddr_in6
        // for a received datagram.
        let from = unsafe { read_name(&names[i]) };
        slots.note(i, Message { length: message.msg_len as usize, segment, from, to });
    }
    Ok(count)
}

/// How a socket sends.
#[derive(Clone, Copy)]
pub(super) struct Way<'a> {
    pub(super) ipv6: bool,
    /// Whether the system must be told where to.
    pub(super) named: bool,
    /// Whether the system takes messages apart that are many datagrams.
    pub(super) join: &'a AtomicBool,
}

/// Sends packets; gives how many the system took. Those that follow each
/// other to one receiver and are of one length go as one message while
/// the system can take such apart.
pub(super) fn send(
    socket: &(impl AsRawFd + AsFd),
    buffer: &[u8],
    batch: &[Outgoing],
    way: Way<'_>,
) -> usize {
    match batch {
        [packet] if !way.named && packet.is_bare() => {
            usize::from(send_one(socket, &buffer[packet.range.clone()]))
        }
        _ => batch.chunks(MOST_PACKETS).map(|some| send_some(socket, buffer, some, way)).sum(),
    }
}

/// Sends a datagram on a connected socket: for one alone this costs less.
fn send_one(socket: &impl AsFd, datagram: &[u8]) -> bool {
    let send = || rustix::net::send(socket, datagram, SendFlags::DONTWAIT);
    // It tells of an earlier datagram first.
    send().or_else(|error| if error == Errno::WOULDBLOCK { Err(error) } else { send() }).is_ok()
}

fn send_some(socket: &impl AsRawFd, buffer: &[u8], packets: &[Outgoing], way: Way<'_>) -> usize {
    let Way { ipv6, named, join } = way;
    let mut messages = [const { MaybeUninit::<libc::mmsghdr>::uninit() }; MOST_PACKETS];
    let mut parts = [const { MaybeUninit::<libc::iovec>::uninit() }; 3 * MOST_PACKETS];
    let mut names = [const { MaybeUninit::<libc::sockaddr_in6>::uninit() }; MOST_PACKETS];
    let mut controls = [const { MaybeUninit::<Control>::uninit() }; MOST_PACKETS];
    let mut runs = [0; MOST_PACKETS];
    let (mut count, mut parts_used, mut rest) = (0, 0, packets);
    while let Some(first) = rest.first() {
        let run = if join.load(Ordering::Relaxed) { run_length(rest) } else { 1 };
        let start = parts_used;
        for part in rest[..run].iter().flat_map(|packet| packet.parts(buffer)) {
            if !part.is_empty() {
                let base = part.as_ptr().cast_mut().cast();
                parts[parts_used].write(libc::iovec { iov_base: base, iov_len: part.len() });
                parts_used += 1;
            }
        }
        let part = parts[start..].as_mut_ptr().cast();
        let (name, length) = match named {
            true => {
                let length = write_name(&mut names[count], as_sent(first.to, ipv6));
                (names[count].as_mut_ptr(), length)
            }
            false => (ptr::null_mut(), 0),
        };
        let message = messages[count].write(message(name, length, part, parts_used - start));
        let control = controls[count].write(Control { bytes: [0; CONTROL], used: 0 });
        if let Some(from) = first.from {
            write_source(&mut message.msg_hdr, control, from, ipv6);
        }
        if run > 1 {
            let segment = first.len() as u16;
            write_control(&mut message.msg_hdr, control, libc::SOL_UDP, libc::UDP_SEGMENT, segment);
        }
        runs[count] = run;
        count += 1;
        rest = &rest[run..];
    }
    let (mut done, mut packets_done, mut sent) = (0, 0, 0);
    // A connected socket tells of an earlier datagram first.
    let mut told = named;
    while done < count {
        // SAFETY: the first `count` elements of `messages` are initialised
        // and `done` is below that; each points to `iovec`s of `parts` that
        // are initialised, one address and perhaps one control buffer that
        // live until the end of this function, and each `iovec` to bytes that
        // are borrowed as long and that the kernel only reads.
        let taken = unsafe {
            libc::sendmmsg(
                socket.as_raw_fd(),
                messages.as_mut_ptr().add(done).cast(),
                (count - done) as u32,
                libc::MSG_DONTWAIT,
            )
        };
        let error = io::Error::last_os_error();
        match usize::try_from(taken) {
            Ok(taken) => {
                let packets: usize = runs[done..done + taken].iter().sum();
                (done, packets_done, sent) = (done + taken, packets_done + packets, sent + packets);
            }
            Err(_) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(_) if !told => told = true,
            // An unreachable receiver must not cost the others theirs, nor a
            // way that cannot take a message apart the packets in it.
            Err(_) => {
                let run = runs[done];
                if run > 1 {
                    if error.raw_os_error() == Some(libc::EIO) {
                        join.store(false, Ordering::Relaxed);
                    }
                    let apart = &packets[packets_done..packets_done + run];
                    let way = Way { join: &AtomicBool::new(false), ..way };
                    sent += send_some(socket, buffer, apart, way);
                }
                (done, packets_done) = (done + 1, packets_done + run);
            }
        }
    }
    sent
}

/// How many packets at the front can go as one message.
fn run_length(packets: &[Outgoing]) -> usize {
    let first = &packets[0];
    let (longest, mut bytes, mut run) = (first.len(), first.len(), 1);
    let mut last = longest;
    for packet in &packets[1..] {
        let length = packet.len();
        let follows = packet.to == first.to
            && packet.from == first.from
            && last == longest
            && (1..=longest).contains(&length)
            && bytes + length <= LONGEST_MESSAGE;
        if !follows {
            break;
        }
        (bytes, last, run) = (bytes + length, length, run + 1);
    }
    run
}

fn message(
    name: *mut libc::sockaddr_in6,
    length: usize,
    parts: *mut libc::iovec,
    count: usize,
) -> libc::mmsghdr {
    // SAFETY: all zeros is a valid mmsghdr: null pointers and zero lengths.
    let mut message: libc::mmsghdr = unsafe { mem::zeroed() };
    message.msg_hdr.msg_name = name.cast();
    message.msg_hdr.msg_namelen = length as libc::socklen_t;
    message.msg_hdr.msg_iov = parts;
    message.msg_hdr.msg_iovlen = count as _;
    message
}

/// # Safety
///
/// The kernel must have written an address of AF_INET or AF_INET6 there.
unsafe fn read_name(name: &MaybeUninit<libc::sockaddr_in6>) -> SocketAddr {
    let pointer = name.as_ptr();
    // SAFETY: the family is the first field of either kind of address, which
    // was written whole; sockaddr_in is shorter and less aligned than sockaddr_in6.
    unsafe {
        if i32::from((*pointer).sin6_family) == libc::AF_INET {
            let name = &*pointer.cast::<libc::sockaddr_in>();
            let ip = Ipv4Addr::from_bits(u32::from_be(name.sin_addr.s_addr));
            SocketAddrV4::new(ip, u16::from_be(name.sin_port)).into()
        } else {
            let name = &*pointer;
            let ip = Ipv6Addr::from(name.sin6_addr.s6_addr);
            let port = u16::from_be(name.sin6_port);
            match ip.to_ipv4_mapped() {
                Some(ip) => SocketAddrV4::new(ip, port).into(),
                None => SocketAddrV6::new(ip, port, 0, name.sin6_scope_id).into(),
            }
        }
    }
}

/// Packets that one call sends; the system takes no more apart of one message.
const MOST_PACKETS: usize = 64;

/// Bytes that fit one message, with its headers.
const LONGEST_MESSAGE: usize = 65_000;

/// Writes an address and gives its length.
fn write_name(name: &mut MaybeUninit<libc::sockaddr_in6>, address: SocketAddr) -> usize {
    match address {
        SocketAddr::V4(address) => {
            let ipv4 = libc::sockaddr_in {
                sin_family: libc::AF_INET as libc::sa_family_t,
                sin_port: address.port().to_be(),
                sin_addr: libc::in_addr { s_addr: address.ip().to_bits().to_be() },
                sin_zero: [0; 8],
            };
            // SAFETY: sockaddr_in is shorter and less aligned than the
            // sockaddr_in6 that is written into.
            unsafe { name.as_mut_ptr().cast::<libc::sockaddr_in>().write(ipv4) };
            mem::size_of::<libc::sockaddr_in>()
        }
        SocketAddr::V6(address) => {
            name.write(libc::sockaddr_in6 {
                sin6_family: libc::AF_INET6 as libc::sa_family_t,
                sin6_port: address.port().to_be(),
                sin6_flowinfo: 0,
                sin6_addr: libc::in6_addr { s6_addr: address.ip().octets() },
                sin6_scope_id: address.scope_id(),
            });
            mem::size_of::<libc::sockaddr_in6>()
        }
    }
}
