//! A list that is borrowed where it is written and owned where it is read.
//!
//! A device writes records from slices and has no heap; a host reads them back into vectors. Both
//! are one type, so there is one canonical form.

use core::ops::Deref;

use serde::{Serialize, Serializer};

/// A list of `T`.
#[derive(Clone, Debug)]
pub enum Many<'a, T> {
    /// Somebody else's.
    Borrowed(&'a [T]),
    /// Its own.
    #[cfg(feature = "alloc")]
    Owned(alloc::vec::Vec<T>),
}

impl<T> Deref for Many<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::Borrowed(list) => list,
            #[cfg(feature = "alloc")]
            Self::Owned(list) => list,
        }
    }
}

impl<T> Default for Many<'_, T> {
    fn default() -> Self {
        Self::Borrowed(&[])
    }
}

impl<T: PartialEq> PartialEq for Many<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<'a, T> From<&'a [T]> for Many<'a, T> {
    fn from(list: &'a [T]) -> Self {
        Self::Borrowed(list)
    }
}

impl<T: Serialize> Serialize for Many<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

#[cfg(feature = "alloc")]
mod owned {
    use alloc::vec::Vec;

    use serde::{Deserialize, Deserializer};

    use super::Many;

    impl<T> From<Vec<T>> for Many<'_, T> {
        fn from(list: Vec<T>) -> Self {
            Self::Owned(list)
        }
    }

    impl<T> FromIterator<T> for Many<'_, T> {
        fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
            Self::Owned(items.into_iter().collect())
        }
    }

    impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<'_, T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Vec::deserialize(deserializer).map(Self::Owned)
        }
    }
}
