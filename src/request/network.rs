//! The client's network: an address that the caller supplies, held against networks in CIDR notation (RFC 4632, 4291).
//!
//! Keyward never looks for the address itself: which header or socket can be trusted, only the host knows.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::error::{Code, Error};

/// How a network is packed: family 4 or 6, length of the prefix, 16 bytes of address.
const PACKED_LENGTH: usize = 18;

/// A network such as `10.0.0.0/8` or `2001:db8::/32`; a bare address is a network of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// The network of all addresses that share the first `prefix` bits with `address`. The other bits are zero, or it
    /// is no network but somebody's mistake.
    pub fn new(address: IpAddr, prefix: u8) -> Result<Self, Error> {
        let network = Self { address, prefix };
        if prefix > network.width() {
            return Err(invalid(format!(
                "network {address}/{prefix}: an address of this kind has {} bits",
                network.width()
            )));
        }
        if address.to_canonical() != address {
            return Err(invalid(format!(
                "network {address}/{prefix}: write IPv4 addresses as IPv4"
            )));
        }
        let masked = network.mask(bits(address));
        if masked != bits(address) {
            let meant = Self {
                address: from_bits(masked, address.is_ipv4()),
                prefix,
            };
            return Err(invalid(format!(
                "network {address}/{prefix}: bits behind the prefix are set; write {meant}"
            )));
        }
        Ok(network)
    }

    /// Whether an address lies in this network. An IPv4 address that came as IPv6 (`::ffff:192.0.2.1`) is the IPv4 one.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4()
            && self.mask(bits(address)) == bits(self.address)
    }

    /// Whether every address of `other` lies in this network.
    pub fn covers(&self, other: &Self) -> bool {
        self.prefix <= other.prefix && self.contains(other.address)
    }

    pub(crate) fn pack(&self) -> [u8; PACKED_LENGTH] {
        let mut packed = [0; PACKED_LENGTH];
        packed[0] = if self.address.is_ipv4() { 4 } else { 6 };
        packed[1] = self.prefix;
        packed[2..].copy_from_slice(&bits(self.address).to_be_bytes());
        packed
    }

    pub(crate) fn unpack(packed: &[u8; PACKED_LENGTH]) -> Option<Self> {
        let [family, prefix, address @ ..] = *packed;
        let address = u128::from_be_bytes(address);
        let is_ipv4 = match family {
            4 => true,
            6 => false,
            _ => return None,
        };
        if is_ipv4 && u32::try_from(address).is_err() {
            return None;
        }
        let network = Self {
            address: from_bits(address, is_ipv4),
            prefix,
        };
        let holds = prefix <= network.width()
            && network.mask(address) == address
            && network.address.to_canonical() == network.address;
        holds.then_some(network)
    }

    const fn width(&self) -> u8 {
        if self.address.is_ipv4() { 32 } else { 128 }
    }

    fn mask(&self, address: u128) -> u128 {
        let host_bits = u32::from(self.width() - self.prefix);
        address
            .checked_shr(host_bits)
            .map_or(0, |network| network << host_bits)
    }
}

/// An IPv4 address takes the lowest 32 bits.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn from_bits(bits: u128, is_ipv4: bool) -> IpAddr {
    match u32::try_from(bits) {
        Ok(bits) if is_ipv4 => Ipv4Addr::from_bits(bits).into(),
        _ => Ipv6Addr::from_bits(bits).into(),
    }
}

fn invalid(message: String) -> Error {
    Error::new(Code::InvalidRecord, message)
}

impl FromStr for Network {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        // Without what was written: it may be a key in the wrong place.
        let malformed =
            || invalid("this is no network; write one as 192.0.2.0/24 or 2001:db8::/32".to_owned());
        let slash = text.bytes().position(|byte| byte == b'/');
        let (address, prefix) = match slash.and_then(|at| text.split_at_checked(at)) {
            Some((address, prefix)) => (address, prefix.get(1..)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| malformed())?;
        let prefix = match prefix {
            None if address.is_ipv4() => 32,
            None => 128,
            // No signs, no leading zeros: one spelling.
            Some(digits)
                if digits == "0" || digits.starts_with(|first| matches!(first, '1'..='9')) =>
            {
                digits.parse().map_err(|_| malformed())?
            }
            Some(_) => return Err(malformed()),
        };
        Self::new(address, prefix)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().expect(text)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect(text)
    }

    #[test]
    fn an_address_is_inside_or_not() {
        for (net, inside, outside) in [
            ("10.0.0.0/8", "10.255.1.2", "11.0.0.0"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("0.0.0.0/0", "203.0.113.9", "::1"),
            ("::/0", "2001:db8::1", "203.0.113.9"),
            ("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::"),
            ("192.0.2.0/24", "::ffff:192.0.2.9", "::192.0.2.9"),
        ] {
            assert!(network(net).contains(address(inside)), "{net} {inside}");
            assert!(!network(net).contains(address(outside)), "{net} {outside}");
        }
    }

    #[test]
    fn a_network_covers_smaller_ones_of_its_kind() {
        for (net, other, covers) in [
            ("10.0.0.0/8", "10.0.0.0/8", true),
            ("10.0.0.0/8", "10.1.0.0/16", true),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.1.0.0/16", "10.0.0.0/8", false),
            ("10.0.0.0/8", "11.0.0.0/8", false),
            ("0.0.0.0/0", "::/0", false),
            ("::/0", "0.0.0.0/0", false),
            ("::/0", "10.0.0.0/8", false),
            ("2001:db8::/32", "2001:db8:1::/48", true),
        ] {
            assert_eq!(
                network(net).covers(&network(other)),
                covers,
                "{net} {other}"
            );
        }
    }

    #[test]
    fn what_is_no_network_is_refused_with_its_mend() {
        for (text, expected) in [
            ("10.0.0.1/8", "write 10.0.0.0/8"),
            ("10.0.0.0/33", "32 bits"),
            ("10.0.0.0/+8", "no network"),
            ("10.0.0.0/08", "no network"),
            ("10.0.0", "no network"),
            ("010.0.0.0/8", "no network"),
            ("10.0.0.0/", "no network"),
            ("fe80::1%eth0", "no network"),
            ("::ffff:10.0.0.0/104", "as IPv4"),
            ("", "no network"),
        ] {
            let error = text.parse::<Network>().expect_err(text);
            assert!(error.message().contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn packed_and_read_back() {
        for text in [
            "10.0.0.0/8",
            "2001:db8::/32",
            "0.0.0.0/0",
            "::/0",
            "192.0.2.7/32",
        ] {
            let packed = network(text).pack();
            assert_eq!(Network::unpack(&packed), Some(network(text)));
            assert_eq!(network(text).to_string(), text);
        }
        let mut packed = network("10.0.0.0/8").pack();
        packed[17] = 1;
        assert_eq!(Network::unpack(&packed), None, "bits behind the prefix");
    }
}
