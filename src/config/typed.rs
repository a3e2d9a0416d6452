//! Makes typed values of a tree.

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::misfit::{Misfit, On};
use super::node::{Entry, Node, Number, Value};

impl<'de> Deserializer<'de> for &'de Node {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match &self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(Number::Unsigned(value), _) => visitor.visit_u64(*value),
            Value::Number(Number::Signed(value), _) => visitor.visit_i64(*value),
            Value::Number(Number::Float(value), _) => visitor.visit_f64(*value),
            Value::Text(text) => visitor.visit_str(text),
            Value::List(items) => visitor.visit_seq(Items { items, next: 0 }),
            Value::Map(entries) => visitor.visit_map(Entries { entries, next: 0 }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.value == Value::Null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if let Value::Number(_, written) = &self.value {
            return visitor.visit_str(written);
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.foreign_text().map(str::parse) {
            Some(Ok(number)) => visitor.visit_u64(number),
            Some(Err(_)) | None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.foreign_text().map(str::parse) {
            Some(Ok(value)) => visitor.visit_bool(value),
            Some(Err(_)) | None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.value == Value::Null {
            return visitor.visit_map(Entries { entries: &[], next: 0 });
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        // A derived struct would read a list as its fields in their order.
        if let Value::List(_) = self.value {
            return Err(de::Error::invalid_type(de::Unexpected::Seq, &visitor));
        }
        self.deserialize_map(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.value == Value::Null {
            return visitor.visit_seq(Items { items: &[], next: 0 });
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match &self.value {
            Value::Text(text) | Value::Number(_, text) => {
                visitor.visit_enum(text.as_str().into_deserializer())
            }
            Value::Bool(true) => visitor.visit_enum("true".into_deserializer()),
            Value::Bool(false) => visitor.visit_enum("false".into_deserializer()),
            Value::Map(entries) if let [entry] = entries.as_slice() => {
                visitor.visit_enum(Variant(entry))
            }
            Value::Map(entries) => {
                visitor.visit_enum(MapAccessDeserializer::new(Entries { entries, next: 0 }))
            }
            Value::Null | Value::List(_) => self.deserialize_any(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u128 f32 f64 char bytes byte_buf unit unit_struct tuple
        tuple_struct identifier
    }
}

impl Node {
    fn foreign_text(&self) -> Option<&str> {
        self.text().filter(|_| !(self.foreign.is_empty() && self.slotted.is_empty()))
    }
}

struct Items<'de> {
    items: &'de [Node],
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Misfit> {
        let Some(item) = self.items.get(self.next) else { return Ok(None) };
        let at = self.next;
        self.next += 1;
        seed.deserialize(item).map(Some).map_err(|misfit| misfit.inside(at))
    }
}

struct Entries<'de> {
    entries: &'de [Entry],
    next: usize,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Misfit> {
        let Some(entry) = self.entries.get(self.next) else { return Ok(None) };
        let key = StrDeserializer::new(&entry.key);
        seed.deserialize(key)
            .map(Some)
            .map_err(|misfit: Misfit| misfit.on(On::Key).inside(self.next))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let at = self.next;
        self.next += 1;
        let Some(entry) = self.entries.get(at) else {
            return Err(de::Error::custom("a key without a value"));
        };
        seed.deserialize(&entry.node).map_err(|misfit| misfit.inside(at))
    }
}

/// An enum's variant, written as the one key of a map.
struct Variant<'de>(&'de Entry);

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Misfit> {
        let key = StrDeserializer::new(&self.0.key);
        let variant =
            seed.deserialize(key).map_err(|misfit: Misfit| misfit.on(On::Key).inside(0))?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        de::Deserialize::deserialize(&self.0.node).map_err(|misfit: Misfit| misfit.inside(0))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Misfit> {
        seed.deserialize(&self.0.node).map_err(|misfit| misfit.inside(0))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.0.node.deserialize_seq(visitor).map_err(|misfit| misfit.inside(0))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.0.node.deserialize_struct("", fields, visitor).map_err(|misfit| misfit.inside(0))
    }
}
