//! A concern's trait, written once. From its signatures are made the trait itself, the same trait of [`AnyStore`], which
//! asks whichever database it is, and of [`Failing`], which does as it was told before it asks.
//!
//! [`AnyStore`]: crate::any::AnyStore
//! [`Failing`]: crate::failing::Failing

/// Declares the trait of a concern. Its methods may be called from any task.
macro_rules! concern {
    (
        $(#[$about:meta])*
        pub trait $concern:ident {
            $(
                $(#[$says:meta])*
                async fn $ask:ident(&self $(, $with:ident: $kind:ty)*) -> $answer:ty;
            )*
        }
    ) => {
        $(#[$about])*
        pub trait $concern: Send + Sync {
            $(
                $(#[$says])*
                fn $ask(&self $(, $with: $kind)*) -> impl Future<Output = $answer> + Send;
            )*
        }

        impl $concern for $crate::any::AnyStore {
            $(
                async fn $ask(&self $(, $with: $kind)*) -> $answer {
                    match self {
                        Self::Sqlite(store) => store.$ask($($with),*).await,
                        Self::Postgres(store) => store.$ask($($with),*).await,
                        #[cfg(any(test, feature = "memory"))]
                        Self::Memory(store) => store.$ask($($with),*).await,
                    }
                }
            )*
        }

        #[cfg(any(test, feature = "failing"))]
        impl<S: $concern> $concern for $crate::failing::Failing<S> {
            $(
                async fn $ask(&self $(, $with: $kind)*) -> $answer {
                    self.after(stringify!($ask), Box::pin(self.store.$ask($($with),*))).await
                }
            )*
        }
    };
}

pub(super) use concern;
