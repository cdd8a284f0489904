//! Key in, digest compared, one number out.
#![no_std]

use core::cell::UnsafeCell;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// The key, then the digest to compare with.
struct Shared(UnsafeCell<[u8; 256 + 32]>);

// SAFETY: a wasm instance without threads.
unsafe impl Sync for Shared {}

static BUFFER: Shared = Shared(UnsafeCell::new([0; 256 + 32]));

/// The address of the buffer: 256 bytes for the key, 32 for the digest.
#[unsafe(no_mangle)]
pub extern "C" fn buffer() -> *mut u8 {
    BUFFER.0.get().cast()
}

/// 1 if the first `length` bytes of the buffer have the digest that stands in it.
#[unsafe(no_mangle)]
pub extern "C" fn verify(length: usize) -> u32 {
    // SAFETY: no reference lives across calls, and JavaScript writes between them only.
    let buffer = unsafe { &*BUFFER.0.get() };
    let (key, expected) = buffer.split_at(256);
    let digest = Sha256::digest(&key[..length.min(256)]);
    u32::from(digest.as_slice().ct_eq(expected).unwrap_u8())
}

/// The first byte of the digest of `length` bytes at `address`, both in what JavaScript has grown the memory by.
#[cfg(feature = "whole")]
#[unsafe(no_mangle)]
pub extern "C" fn hash(address: *const u8, length: usize) -> u32 {
    // SAFETY: nothing else lies in memory that JavaScript has grown.
    let bytes = unsafe { core::slice::from_raw_parts(address, length) };
    u32::from(Sha256::digest(bytes)[0])
}
