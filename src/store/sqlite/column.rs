//! How protocol types lie in columns: ids, hashes and keys as their bytes, numbers as integers.

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};

use crate::pure::e2ee::{Hash, Transcript, VerifyKey};
use crate::pure::wire::{
    AccountId, CallId, CallMedia, ConversationId, ConversationKind, DeviceId, EnvelopeId, FileId,
    GranteeId, InviteId, LinkId, MemberRole, Millis, Name, ResetId, Role, Seq, SessionId, Shape,
    WrapId, WrapType,
};

macro_rules! ids {
    ($($id:ty),*) => {$(
        impl ToSql for $id {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.as_bytes())))
            }
        }

        impl FromSql for $id {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                Self::try_from(value.as_blob()?).map_err(FromSqlError::other)
            }
        }
    )*};
}

ids!(
    AccountId,
    CallId,
    ConversationId,
    DeviceId,
    EnvelopeId,
    FileId,
    GranteeId,
    Hash,
    InviteId,
    LinkId,
    ResetId,
    SessionId,
    WrapId
);

macro_rules! numbers {
    ($($number:ident),*) => {$(
        /// Beyond what a column holds is as good as its end.
        impl ToSql for $number {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(i64::try_from(self.0).unwrap_or(i64::MAX).into())
            }
        }

        impl FromSql for $number {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let number = value.as_i64()?;
                u64::try_from(number).map(Self).map_err(|_| FromSqlError::OutOfRange(number))
            }
        }
    )*};
}

numbers!(Millis, Seq);

macro_rules! enums {
    ($($kind:ident { $($value:ident = $number:literal),* })*) => {$(
        impl ToSql for $kind {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                let number: i64 = match self { $(Self::$value => $number),* };
                Ok(number.into())
            }
        }

        impl FromSql for $kind {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                match value.as_i64()? {
                    $($number => Ok(Self::$value),)*
                    other => Err(FromSqlError::OutOfRange(other)),
                }
            }
        }
    )*};
}

enums! {
    Role { Member = 0, Admin = 1, Owner = 2, Guest = 3 }
    ConversationKind { Everyone = 0, Room = 1, Direct = 2 }
    MemberRole { Member = 0, Manager = 1, Guest = 2 }
    CallMedia { Audio = 0, Video = 1 }
    WrapType { Password = 0, Recovery = 1, Prf = 2 }
}

impl ToSql for Transcript {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for Transcript {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Hash::column_result(value).map(Self)
    }
}

impl ToSql for VerifyKey {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.as_bytes())))
    }
}

impl FromSql for VerifyKey {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = <[u8; 32]>::try_from(value.as_blob()?).map_err(FromSqlError::other)?;
        Self::new(bytes).map_err(FromSqlError::other)
    }
}

impl ToSql for Shape {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(i64::try_from(self.size()).expect("a file has at most 100 MiB").into())
    }
}

impl FromSql for Shape {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let size = value.as_i64()?;
        let shape = u64::try_from(size).ok().and_then(Shape::of);
        shape.ok_or(FromSqlError::OutOfRange(size))
    }
}

impl ToSql for Name {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for Name {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Name::new(value.as_str()?).map_err(FromSqlError::other)
    }
}
