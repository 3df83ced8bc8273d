//! recvmmsg and sendmmsg.

use std::io;
use std::mem::{self, MaybeUninit};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::AsRawFd;
use std::ptr;

use super::batch::Received;
use super::socket::as_sent;
use super::{BATCH, Outgoing, Slots};

/// Most datagrams of one call.
pub(super) const MOST: usize = BATCH;

/// Receives what has arrived, at most a batch.
pub(super) fn receive(socket: &UdpSocket, slots: &mut Slots) -> io::Result<()> {
    slots.count = 0;
    let mut messages: [MaybeUninit<libc::mmsghdr>; BATCH] =
        [const { MaybeUninit::uninit() }; BATCH];
    let mut parts: [MaybeUninit<libc::iovec>; BATCH] = [const { MaybeUninit::uninit() }; BATCH];
    let mut names: [MaybeUninit<libc::sockaddr_in6>; BATCH] =
        [const { MaybeUninit::uninit() }; BATCH];
    let (stride, head_room, longest) = (slots.stride, slots.head_room, slots.longest);
    for (i, chunk) in slots.bytes.chunks_exact_mut(stride).enumerate() {
        let room = &mut chunk[head_room..head_room + longest];
        let part = libc::iovec { iov_base: room.as_mut_ptr().cast(), iov_len: room.len() };
        let part = ptr::from_mut(parts[i].write(part));
        let name = names[i].as_mut_ptr();
        messages[i].write(message(name, mem::size_of::<libc::sockaddr_in6>(), part));
    }
    // SAFETY: the first BATCH elements of `messages` are initialised; each
    // points to one `iovec` and one address buffer that live until the end of
    // this function, and each `iovec` to a distinct part of `slots.bytes`,
    // which is borrowed mutably. sockaddr_in6 is the longest address that a
    // socket of either family writes.
    let count = unsafe {
        libc::recvmmsg(
            socket.as_raw_fd(),
            messages.as_mut_ptr().cast(),
            BATCH as u32,
            libc::MSG_DONTWAIT,
            ptr::null_mut(),
        )
    };
    let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
    for i in 0..count {
        // SAFETY: all elements were initialised above; the kernel only
        // changed lengths and flags in them.
        let message = unsafe { messages[i].assume_init_ref() };
        // SAFETY: the kernel has written a whole sockaddr_in or sockaddr_in6
        // for a received datagram.
        let from = unsafe { read_name(&names[i]) };
        slots.received[i] = Received {
            length: message.msg_len as usize,
            truncated: message.msg_hdr.msg_flags & libc::MSG_TRUNC != 0,
            from,
        };
    }
    slots.count = count;
    Ok(())
}

/// Sends a batch; gives how many the system took.
pub(super) fn send(socket: &UdpSocket, slots: &Slots, batch: &[Outgoing], ipv6: bool) -> usize {
    batch.chunks(BATCH).map(|chunk| send_chunk(socket, slots, chunk, ipv6)).sum()
}

fn send_chunk(socket: &UdpSocket, slots: &Slots, batch: &[Outgoing], ipv6: bool) -> usize {
    let mut messages: [MaybeUninit<libc::mmsghdr>; BATCH] =
        [const { MaybeUninit::uninit() }; BATCH];
    let mut parts: [MaybeUninit<libc::iovec>; BATCH] = [const { MaybeUninit::uninit() }; BATCH];
    let mut names: [MaybeUninit<libc::sockaddr_in6>; BATCH] =
        [const { MaybeUninit::uninit() }; BATCH];
    for (i, outgoing) in batch.iter().enumerate() {
        let bytes = slots.part(outgoing);
        let part = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
        let part = ptr::from_mut(parts[i].write(part));
        let length = write_name(&mut names[i], as_sent(outgoing.to, ipv6));
        messages[i].write(message(names[i].as_mut_ptr(), length, part));
    }
    let (mut done, mut sent) = (0, 0);
    while done < batch.len() {
        // SAFETY: the first `batch.len()` elements of `messages` are
        // initialised and `done` is below that; each points to one `iovec`
        // and one address that live until the end of this function, and each
        // `iovec` to bytes that `slots` owns and the kernel only reads.
        let count = unsafe {
            libc::sendmmsg(
                socket.as_raw_fd(),
                messages.as_mut_ptr().add(done).cast(),
                (batch.len() - done) as u32,
                libc::MSG_DONTWAIT,
            )
        };
        match usize::try_from(count) {
            Ok(count) => {
                done += count;
                sent += count;
            }
            Err(_) if io::Error::last_os_error().kind() == io::ErrorKind::WouldBlock => break,
            // An unreachable receiver must not cost the others theirs.
            Err(_) => done += 1,
        }
    }
    sent
}

fn message(name: *mut libc::sockaddr_in6, length: usize, part: *mut libc::iovec) -> libc::mmsghdr {
    // SAFETY: all zeros is a valid mmsghdr: null pointers and zero lengths.
    let mut message: libc::mmsghdr = unsafe { mem::zeroed() };
    message.msg_hdr.msg_name = name.cast();
    message.msg_hdr.msg_namelen = length as libc::socklen_t;
    message.msg_hdr.msg_iov = part;
    message.msg_hdr.msg_iovlen = 1;
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
