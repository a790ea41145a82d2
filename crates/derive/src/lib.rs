//! `#[derive(Tree)]`: see `cotangent::core::Tree`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use std::collections::HashSet;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Data, DeriveInput, Error, Fields, Ident, Index, Path, parse_macro_input, parse_quote};

/// Implements `Tree` for a struct or an enum: its fields are trees, or marked `#[tree(static)]`.
///
/// A static field is not a tensor: it is the same in every copy, belongs to the structure, and needs
/// `Clone + Eq + Hash + Debug + Send + Sync + 'static`. A type parameter that occurs in the other fields must be a `Tree`, except where
/// it is only named, in a `PhantomData`. `cotangent::core::Tree` has the examples.
#[proc_macro_derive(Tree, attributes(tree))]
pub fn derive_tree(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(input).unwrap_or_else(Error::into_compile_error).into()
}

/// One field: how it is reached, what it is called, whether it is static.
struct Field {
    /// `name` or `0`, for construction.
    member: TokenStream,
    /// The local variable it is bound to.
    binding: Ident,
    label: String,
    fixed: bool,
    span: Span,
    ty: syn::Type,
}

fn expand(mut input: DeriveInput) -> Result<TokenStream, Error> {
    // Where no field is, an attribute would say nothing.
    if let Some(attribute) = ours(&input.attrs).next() {
        return Err(Error::new_spanned(attribute, "`#[tree(static)]` belongs on a field"));
    }
    let name = input.ident.clone();
    let mut arms = Arms::default();
    let mut types = Vec::new();
    match &input.data {
        Data::Struct(data) => {
            let fields = fields(&data.fields)?;
            arms.add(&parse_quote!(#name), None, &fields, &data.fields);
            types.extend(fields.into_iter().filter(|field| !field.fixed).map(|field| field.ty));
        }
        Data::Enum(data) => {
            for variant in &data.variants {
                if let Some(attribute) = ours(&variant.attrs).next() {
                    return Err(Error::new_spanned(attribute, "`#[tree(static)]` belongs on a field"));
                }
                let fields = fields(&variant.fields)?;
                let ident = &variant.ident;
                arms.add(
                    &parse_quote!(#name::#ident),
                    Some(ident.unraw().to_string()),
                    &fields,
                    &variant.fields,
                );
                types.extend(fields.into_iter().filter(|field| !field.fixed).map(|field| field.ty));
            }
        }
        Data::Union(_) => return Err(Error::new(name.span(), "a union is no tree: use a struct or an enum")),
    }
    bound_parameters(&mut input, &types);
    let (implementation, arguments, clause) = input.generics.split_for_impl();
    let Arms { visit, map, visit_mut } = arms;
    let (visitor, leaf) = arguments_of_methods();
    let empty = visit.is_empty().then(|| quote!(_ => ::core::unreachable!(),));
    // The underscores keep clear of the type's own parameters.
    Ok(quote! {
        #[automatically_derived]
        impl #implementation ::cotangent::core::Tree for #name #arguments #clause {
            type Blocked<__Inner: ::cotangent::core::FromBlocks> = ::cotangent::core::Blocks;
            fn visit<'__tree>(&'__tree self, #visitor: &mut dyn ::cotangent::core::Visitor<'__tree>) {
                match self { #(#visit)* #empty }
            }
            fn map(
                &self,
                #leaf: &mut dyn ::core::ops::FnMut(&::cotangent::core::Tensor) -> ::cotangent::core::Tensor,
            ) -> Self {
                match self { #(#map)* #empty }
            }
            fn visit_mut(&mut self, #leaf: &mut dyn ::core::ops::FnMut(&mut ::cotangent::core::Tensor)) {
                match self { #(#visit_mut)* #empty }
            }
        }
    })
}

/// A match arm for each variant (or for the struct), of each method.
#[derive(Default)]
struct Arms {
    visit: Vec<TokenStream>,
    map: Vec<TokenStream>,
    visit_mut: Vec<TokenStream>,
}

impl Arms {
    fn add(&mut self, path: &Path, variant: Option<String>, fields: &[Field], kind: &Fields) {
        let pattern = |used: &dyn Fn(&Field) -> bool| {
            let parts = fields.iter().map(|field| {
                let (member, binding) = (&field.member, &field.binding);
                if used(field) { quote!(#member: #binding) } else { quote!(#member: _) }
            });
            match kind {
                Fields::Unit => quote!(#path),
                _ => quote!(#path { #(#parts),* }),
            }
        };
        let (visitor, leaf) = arguments_of_methods();
        let all = pattern(&|_| true);
        let mutable = pattern(&|field| !field.fixed);
        let shown = fields.iter().map(|field| {
            let (binding, label) = (&field.binding, &field.label);
            let value = if field.fixed {
                quote_spanned!(field.span=> #visitor.fixed(#binding))
            } else {
                quote_spanned!(field.span=> ::cotangent::core::Tree::visit(#binding, #visitor))
            };
            quote! {
                #visitor.enter(::cotangent::core::Step::Field(#label));
                #value;
                #visitor.leave();
            }
        });
        let shown = match variant {
            Some(variant) => quote! {
                #visitor.enter(::cotangent::core::Step::Variant(#variant));
                #(#shown)*
                #visitor.leave();
            },
            None if fields.is_empty() => quote!(let _ = #visitor;),
            None => quote!(#(#shown)*),
        };
        self.visit.push(quote!(#all => { #shown }));
        let mapped = fields.iter().map(|field| {
            let (member, binding) = (&field.member, &field.binding);
            if field.fixed {
                quote_spanned!(field.span=> #member: ::core::clone::Clone::clone(#binding))
            } else {
                quote_spanned!(field.span=> #member: ::cotangent::core::Tree::map(#binding, #leaf))
            }
        });
        let built = match kind {
            Fields::Unit => quote!(#path),
            _ => quote!(#path { #(#mapped),* }),
        };
        self.map.push(quote!(#all => { let _ = &#leaf; #built }));
        let changed = fields.iter().filter(|field| !field.fixed).map(|field| {
            let binding = &field.binding;
            quote_spanned!(field.span=> ::cotangent::core::Tree::visit_mut(#binding, #leaf);)
        });
        self.visit_mut.push(quote!(#mutable => { let _ = &#leaf; #(#changed)* }));
    }
}

fn fields(fields: &Fields) -> Result<Vec<Field>, Error> {
    let each = fields.iter().enumerate().map(|(i, field)| {
        let (member, label) = match &field.ident {
            Some(ident) => (quote!(#ident), ident.unraw().to_string()),
            None => {
                let index = Index::from(i);
                (quote!(#index), i.to_string())
            }
        };
        let mut fixed = false;
        for attribute in ours(&field.attrs) {
            let help = "the only attribute is `#[tree(static)]`: a field that is no tensor and belongs to the structure";
            match attribute.meta.require_list() {
                Ok(list) if list.tokens.to_string() == "static" => fixed = true,
                Ok(list) if !list.tokens.is_empty() => return Err(Error::new_spanned(&list.tokens, help)),
                _ => return Err(Error::new_spanned(attribute, help)),
            }
        }
        // Bindings too carry the field's place, so that an unmet bound is reported there, not at the derive.
        let span = field.ty.span().resolved_at(Span::mixed_site());
        Ok(Field {
            member,
            binding: format_ident!("field_{i}", span = span),
            label,
            fixed,
            span,
            ty: field.ty.clone(),
        })
    });
    each.collect()
}

/// `visitor` and `leaf`: the same wherever they stand, and never an item of the user's.
fn arguments_of_methods() -> (Ident, Ident) {
    (Ident::new("visitor", Span::mixed_site()), Ident::new("leaf", Span::mixed_site()))
}

/// The attributes `#[tree…]`.
fn ours(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("tree"))
}

/// `T: Tree` for each type parameter that occurs in a field which is a tree.
fn bound_parameters(input: &mut DeriveInput, types: &[syn::Type]) {
    struct Names(HashSet<String>);
    impl Visit<'_> for Names {
        fn visit_ident(&mut self, ident: &Ident) {
            self.0.insert(ident.to_string());
        }
        fn visit_path_segment(&mut self, segment: &syn::PathSegment) {
            // `PhantomData<T>` is a tree whatever `T` is: a marker such as `f32` must stay possible.
            if segment.ident != "PhantomData" {
                visit::visit_path_segment(self, segment);
            }
        }
    }
    let mut names = Names(HashSet::new());
    types.iter().for_each(|ty| names.visit_type(ty));
    for parameter in input.generics.type_params_mut() {
        if names.0.contains(&parameter.ident.to_string()) {
            parameter.bounds.push(parse_quote!(::cotangent::core::Tree));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(input: DeriveInput) -> String {
        expand(input).expect_err("refused").to_string()
    }

    #[test]
    fn only_static_can_be_said() {
        let help =
            "the only attribute is `#[tree(static)]`: a field that is no tensor and belongs to the structure";
        let inputs: [DeriveInput; 6] = [
            parse_quote!(
                struct S {
                    #[tree(statik)]
                    n: usize,
                }
            ),
            parse_quote!(
                struct S {
                    #[tree(static, other)]
                    n: usize,
                }
            ),
            parse_quote!(
                struct S {
                    #[tree()]
                    n: usize,
                }
            ),
            parse_quote!(
                struct S {
                    #[tree]
                    n: usize,
                }
            ),
            parse_quote!(
                struct S {
                    #[tree = "static"]
                    n: usize,
                }
            ),
            parse_quote!(
                enum E {
                    A(Tensor),
                    B(#[tree(fixed)] usize),
                }
            ),
        ];
        for input in inputs {
            assert_eq!(refusal(input), help);
        }
    }

    #[test]
    fn only_of_fields() {
        let help = "`#[tree(static)]` belongs on a field";
        assert_eq!(
            refusal(parse_quote!(
                #[tree(static)]
                struct S {
                    w: Tensor,
                }
            )),
            help
        );
        assert_eq!(
            refusal(parse_quote!(
                enum E {
                    #[tree(static)]
                    A(usize),
                    B(Tensor),
                }
            )),
            help
        );
    }

    #[test]
    fn no_unions() {
        let union: DeriveInput = parse_quote!(union U { a: u32, b: i32 });
        assert_eq!(refusal(union), "a union is no tree: use a struct or an enum");
    }

    #[test]
    fn bounds_for_parameters_in_trees() {
        let input = parse_quote!(
            struct S<A, B, C> {
                a: Vec<A>,
                #[tree(static)]
                b: B,
                c: PhantomData<C>,
            }
        );
        let text = expand(input).unwrap().to_string();
        assert!(text.contains("impl < A : :: cotangent :: core :: Tree , B , C > ::"), "{text}");
    }
}
