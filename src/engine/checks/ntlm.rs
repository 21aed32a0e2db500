//! Messages of NTLM, as HTTP and mail carry them: Microsoft's open specification MS-NLMP, 2.2.1.3, "AUTHENTICATE_MESSAGE".

/// The name of the user in a message of the third kind, as far as it is ASCII.
pub fn user(message: &[u8]) -> Option<String> {
    const USER: usize = 36;
    const FLAGS: usize = 60;
    /// The flag that says that names are in UTF-16.
    const UNICODE: u8 = 1;
    let number = |at: usize| Some(usize::from(u16::from_le_bytes([*message.get(at)?, *message.get(at + 1)?])));
    // Length, room and offset; a name that begins beyond 64 KiB there is not.
    let (len, offset, far) = (number(USER)?, number(USER + 4)?, number(USER + 6)?);
    let name = message.get(offset..offset + len).filter(|_| far == 0)?;
    let wide = message.get(FLAGS)? & UNICODE != 0;
    let (letters, high): (Vec<u8>, Vec<u8>) =
        if wide { name.chunks_exact(2).map(|pair| (pair[0], pair[1])).unzip() } else { (name.to_vec(), Vec::new()) };
    let is_plain = letters.iter().all(u8::is_ascii_graphic) && high.iter().all(|&b| b == 0) && !letters.is_empty();
    is_plain.then(|| String::from_utf8_lossy(&letters).into_owned())
}

#[cfg(test)]
mod tests {
    use super::user;

    /// A message in which only the user has a name.
    fn message(name: &[u8], wide: bool) -> Vec<u8> {
        let mut message = b"NTLMSSP\0\x03\0\0\0".to_vec();
        message.resize(64, 0);
        message[36..38].copy_from_slice(&(name.len() as u16).to_le_bytes());
        message[40..42].copy_from_slice(&64u16.to_le_bytes());
        message[60] = u8::from(wide);
        message.extend_from_slice(name);
        message
    }

    #[test]
    fn the_user_of_a_response() {
        assert_eq!(user(&message(b"testuser", false)).as_deref(), Some("testuser"));
        assert_eq!(user(&message(b"a\0n\0n\0", true)).as_deref(), Some("ann"));
        assert_eq!(user(&message(b"", false)), None);
        assert_eq!(user(&message(b"\xff\xfe\x00", false)), None);
        let whole = message(b"testuser", false);
        for cut in 0..whole.len() {
            assert_eq!(user(&whole[..cut]), None);
        }
    }
}
