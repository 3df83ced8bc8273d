//! recvmmsg and sendmmsg.

use std::io;
use std::mem::{self, MaybeUninit};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::AsRawFd;
use std::ptr;

use super::batch::{Packet, Received};
use super::socket::as_sent;
use super::{BATCH, Slots};

/// Most datagrams of one call.
pub(super) const MOST: usize = BATCH;

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

/// Receives what has arrived, at most a batch.
pub(super) fn receive(socket: &impl AsRawFd, slots: &mut Slots, told: bool) -> io::Result<()> {
    slots.count = 0;
    let mut messages = [const { MaybeUninit::<libc::mmsghdr>::uninit() }; BATCH];
    let mut parts = [const { MaybeUninit::<libc::iovec>::uninit() }; BATCH];
    let mut names = [const { MaybeUninit::<libc::sockaddr_in6>::uninit() }; BATCH];
    let mut controls = [const { MaybeUninit::<Control>::uninit() }; BATCH];
    let (stride, head_room, longest) = (slots.stride, slots.head_room, slots.longest);
    for (i, chunk) in slots.bytes.chunks_exact_mut(stride).enumerate() {
        let room = &mut chunk[head_room..head_room + longest];
        let part = libc::iovec { iov_base: room.as_mut_ptr().cast(), iov_len: room.len() };
        let part = ptr::from_mut(parts[i].write(part));
        let name = names[i].as_mut_ptr();
        let message = messages[i].write(message(name, mem::size_of_val(&names[i]), part));
        if told {
            message.msg_hdr.msg_control = controls[i].as_mut_ptr().cast();
            message.msg_hdr.msg_controllen = mem::size_of::<Control>();
        }
    }
    // SAFETY: the first BATCH elements of `messages` are initialised; each
    // points to one `iovec`, one address buffer and perhaps one control
    // buffer that live until the end of this function, and each `iovec` to a
    // distinct part of `slots.bytes`, which is borrowed mutably. sockaddr_in6
    // is the longest address that a socket of either family writes.
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
        slots.received[i] = Received {
            length: message.msg_len as usize,
            truncated: message.msg_hdr.msg_flags & libc::MSG_TRUNC != 0,
            // SAFETY: the kernel has written a whole sockaddr_in or
            // sockaddr_in6 for a received datagram.
            from: unsafe { read_name(&names[i]) },
            // SAFETY: the kernel has set the control part, or we left it empty.
            to: unsafe { read_destination(&message.msg_hdr) },
        };
    }
    slots.count = count;
    Ok(())
}

/// Sends packets; gives how many the system took.
pub(super) fn send<'a>(
    socket: &impl AsRawFd,
    packets: impl Iterator<Item = Packet<'a>>,
    ipv6: bool,
) -> usize {
    let mut packets = packets.peekable();
    let mut sent = 0;
    while packets.peek().is_some() {
        sent += send_batch(socket, packets.by_ref().take(BATCH), ipv6);
    }
    sent
}

fn send_batch<'a>(
    socket: &impl AsRawFd,
    packets: impl Iterator<Item = Packet<'a>>,
    ipv6: bool,
) -> usize {
    let mut messages = [const { MaybeUninit::<libc::mmsghdr>::uninit() }; BATCH];
    let mut parts = [const { MaybeUninit::<libc::iovec>::uninit() }; BATCH];
    let mut names = [const { MaybeUninit::<libc::sockaddr_in6>::uninit() }; BATCH];
    let mut controls = [const { MaybeUninit::<Control>::uninit() }; BATCH];
    let mut count = 0;
    for (i, Packet { to, from, bytes }) in packets.enumerate().take(BATCH) {
        let part = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
        let part = ptr::from_mut(parts[i].write(part));
        let length = write_name(&mut names[i], as_sent(to, ipv6));
        let message = messages[i].write(message(names[i].as_mut_ptr(), length, part));
        if let Some(from) = from {
            let control = controls[i].write(Control([0; CONTROL]));
            write_source(&mut message.msg_hdr, control, from, ipv6);
        }
        count = i + 1;
    }
    let (mut done, mut sent) = (0, 0);
    while done < count {
        // SAFETY: the first `count` elements of `messages` are initialised
        // and `done` is below that; each points to one `iovec`, one address
        // and perhaps one control buffer that live until the end of this
        // function, and each `iovec` to bytes that are borrowed as long and
        // that the kernel only reads.
        let taken = unsafe {
            libc::sendmmsg(
                socket.as_raw_fd(),
                messages.as_mut_ptr().add(done).cast(),
                (count - done) as u32,
                libc::MSG_DONTWAIT,
            )
        };
        match usize::try_from(taken) {
            Ok(taken) => {
                done += taken;
                sent += taken;
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

/// # Safety
///
/// The control part of `header` must be as the kernel has left it, or empty.
unsafe fn read_destination(header: &libc::msghdr) -> Option<IpAddr> {
    // SAFETY: as the caller promises, the control part is well-formed; the
    // data of a control message may lie unaligned and is copied out.
    unsafe {
        let control = libc::CMSG_FIRSTHDR(header);
        let control_header = control.as_ref()?;
        let data = libc::CMSG_DATA(control);
        match (control_header.cmsg_level, control_header.cmsg_type) {
            (libc::IPPROTO_IP, libc::IP_PKTINFO) => {
                let info = data.cast::<libc::in_pktinfo>().read_unaligned();
                Some(Ipv4Addr::from_bits(u32::from_be(info.ipi_spec_dst.s_addr)).into())
            }
            (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => {
                let info = data.cast::<libc::in6_pktinfo>().read_unaligned();
                Some(Ipv6Addr::from(info.ipi6_addr.s6_addr).to_canonical())
            }
            _ => None,
        }
    }
}

/// Has a message leave from one of our addresses.
fn write_source(header: &mut libc::msghdr, control: &mut Control, from: IpAddr, ipv6: bool) {
    header.msg_control = ptr::from_mut(control).cast();
    match from {
        IpAddr::V4(ip) if !ipv6 => {
            // SAFETY: all zeros is a valid in_pktinfo.
            let mut info: libc::in_pktinfo = unsafe { mem::zeroed() };
            info.ipi_spec_dst.s_addr = ip.to_bits().to_be();
            write_control(header, libc::IPPROTO_IP, libc::IP_PKTINFO, info);
        }
        from => {
            let ip = match from {
                IpAddr::V4(ip) => ip.to_ipv6_mapped(),
                IpAddr::V6(ip) => ip,
            };
            let ipi6_addr = libc::in6_addr { s6_addr: ip.octets() };
            let info = libc::in6_pktinfo { ipi6_addr, ipi6_ifindex: 0 };
            write_control(header, libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, info);
        }
    }
}

/// Writes the one control message of a header that points to a `Control`.
fn write_control<T: Copy>(header: &mut libc::msghdr, level: i32, kind: i32, data: T) {
    let size = mem::size_of::<T>() as u32;
    // SAFETY: CMSG_SPACE and CMSG_LEN only compute. The control part is a
    // `Control`, aligned as a cmsghdr must be and, as asserted, with room for
    // one that carries a `T`; so the first header exists.
    unsafe {
        let space = libc::CMSG_SPACE(size) as usize;
        assert!(space <= CONTROL, "the control part has room");
        header.msg_controllen = space as _;
        let control = libc::CMSG_FIRSTHDR(header);
        (*control).cmsg_level = level;
        (*control).cmsg_type = kind;
        (*control).cmsg_len = libc::CMSG_LEN(size) as _;
        libc::CMSG_DATA(control).cast::<T>().write_unaligned(data);
    }
}

/// Room for the one control message that we read or write.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct Control([u8; CONTROL]);

/// A header, and an address of IPv6 with the number of an interface.
const CONTROL: usize = 64;

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
