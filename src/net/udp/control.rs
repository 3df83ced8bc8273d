//! What travels with a message besides its bytes: which of our addresses it
//! came to or leaves from, and how long the datagrams in it are.

use std::mem;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What the system says of a received message.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) segment: usize,
    pub(super) to: Option<IpAddr>,
}

/// # Safety
///
/// The control part of `header` must be as the kernel has left it.
pub(super) unsafe fn read_controls(header: &libc::msghdr) -> Told {
    let mut told = Told::default();
    // SAFETY: as the caller promises, the control part is well-formed, so the
    // headers are found one behind the other; the data of a control message
    // may lie unaligned and is copied out.
    unsafe {
        let mut control = libc::CMSG_FIRSTHDR(header);
        while let Some(control_header) = control.as_ref() {
            let data = libc::CMSG_DATA(control);
            match (control_header.cmsg_level, control_header.cmsg_type) {
                (libc::IPPROTO_IP, libc::IP_PKTINFO) => {
                    let info = data.cast::<libc::in_pktinfo>().read_unaligned();
                    told.to =
                        Some(Ipv4Addr::from_bits(u32::from_be(info.ipi_spec_dst.s_addr)).into());
                }
                (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => {
                    let info = data.cast::<libc::in6_pktinfo>().read_unaligned();
                    told.to = Some(Ipv6Addr::from(info.ipi6_addr.s6_addr).to_canonical());
                }
                (libc::SOL_UDP, libc::UDP_GRO) => {
                    let segment = data.cast::<libc::c_int>().read_unaligned();
                    told.segment = usize::try_from(segment).unwrap_or(0);
                }
                _ => {}
            }
            control = libc::CMSG_NXTHDR(header, control);
        }
    }
    told
}

/// Has a message leave from one of our addresses.
pub(super) fn write_source(
    header: &mut libc::msghdr,
    control: &mut Control,
    from: IpAddr,
    ipv6: bool,
) {
    match from {
        IpAddr::V4(ip) if !ipv6 => {
            // SAFETY: all zeros is a valid in_pktinfo.
            let mut info: libc::in_pktinfo = unsafe { mem::zeroed() };
            info.ipi_spec_dst.s_addr = ip.to_bits().to_be();
            write_control(header, control, libc::IPPROTO_IP, libc::IP_PKTINFO, info);
        }
        from => {
            let ip = match from {
                IpAddr::V4(ip) => ip.to_ipv6_mapped(),
                IpAddr::V6(ip) => ip,
            };
            let ipi6_addr = libc::in6_addr { s6_addr: ip.octets() };
            let info = libc::in6_pktinfo { ipi6_addr, ipi6_ifindex: 0 };
            write_control(header, control, libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, info);
        }
    }
}

/// Writes a control message behind those that a header has already.
pub(super) fn write_control<T: Copy>(
    header: &mut libc::msghdr,
    control: &mut Control,
    level: i32,
    kind: i32,
    data: T,
) {
    let size = mem::size_of::<T>() as u32;
    let before = control.used;
    // SAFETY: CMSG_SPACE only computes.
    let space = unsafe { libc::CMSG_SPACE(size) } as usize;
    assert!(before + space <= CONTROL, "the control part has room");
    control.used = before + space;
    header.msg_control = control.bytes.as_mut_ptr().cast();
    header.msg_controllen = control.used as _;
    // SAFETY: as asserted, there is room for a control message that carries a
    // `T` at `before`, which is a sum of CMSG_SPACEs, so that it is aligned as
    // a `Control` is and as a cmsghdr must be.
    unsafe {
        let control = control.bytes.as_mut_ptr().add(before).cast::<libc::cmsghdr>();
        (*control).cmsg_level = level;
        (*control).cmsg_type = kind;
        (*control).cmsg_len = libc::CMSG_LEN(size) as _;
        libc::CMSG_DATA(control).cast::<T>().write_unaligned(data);
    }
}

/// Room for the control messages that we read or write.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub(super) struct Control {
    pub(super) bytes: [u8; CONTROL],
    /// What has been written of them.
    pub(super) used: usize,
}

/// Two headers, an address of IPv6 with the number of an interface, and the
/// length of segments.
pub(super) const CONTROL: usize = 128;
