//! One macro gives an engine its operators, all by way of its [`Real`](super::Real) methods.

/// `+ - * / %` between values, references and `f64` literals on either side, their assigning forms, negation,
/// for a type that is [`Real`](super::Real).
macro_rules! operators {
    ([$($g:tt)*] $t:ty) => {
        impl<$($g)*> std::ops::Neg for $t {
            type Output = $t;
            #[inline(always)]
            fn neg(self) -> $t { $crate::number::Real::unary(&self, $crate::number::function::Neg) }
        }
        impl<$($g)*> std::ops::Neg for &$t {
            type Output = $t;
            #[inline(always)]
            fn neg(self) -> $t { $crate::number::Real::unary(self, $crate::number::function::Neg) }
        }
        operators!(@binary [$($g)*] $t, Add add AddAssign add_assign Add);
        operators!(@binary [$($g)*] $t, Sub sub SubAssign sub_assign Sub);
        operators!(@binary [$($g)*] $t, Mul mul MulAssign mul_assign Mul);
        operators!(@binary [$($g)*] $t, Div div DivAssign div_assign Div);
        operators!(@binary [$($g)*] $t, Rem rem RemAssign rem_assign Rem);
    };
    (@binary [$($g:tt)*] $t:ty, $Op:ident $op:ident $Assign:ident $assign:ident $function:ident) => {
        impl<$($g)*> std::ops::$Op for $t {
            type Output = $t;
            #[inline(always)]
            fn $op(self, right: $t) -> $t {
                $crate::number::Real::binary(&self, $crate::number::function::$function, &right)
            }
        }
        impl<$($g)*> std::ops::$Op<&$t> for $t {
            type Output = $t;
            #[inline(always)]
            fn $op(self, right: &$t) -> $t {
                $crate::number::Real::binary(&self, $crate::number::function::$function, right)
            }
        }
        impl<$($g)*> std::ops::$Op<$t> for &$t {
            type Output = $t;
            #[inline(always)]
            fn $op(self, right: $t) -> $t {
                $crate::number::Real::binary(self, $crate::number::function::$function, &right)
            }
        }
        impl<$($g)*> std::ops::$Op<&$t> for &$t {
            type Output = $t;
            #[inline(always)]
            fn $op(self, right: &$t) -> $t {
                $crate::number::Real::binary(self, $crate::number::function::$function, right)
            }
        }
        impl<$($g)*> std::ops::$Op<f64> for $t {
            type Output = $t;
            #[inline(always)]
            fn $op(self, right: f64) -> $t {
                $crate::number::Real::binary_right(&self, $crate::number::function::$function, right)
            }
        }
        impl<$($g)*> std::ops::$Op<f64> for &$t {
            type Output = $t;
            #[inline(always)]
            fn $op(self, right: f64) -> $t {
                $crate::number::Real::binary_right(self, $crate::number::function::$function, right)
            }
        }
        impl<$($g)*> std::ops::$Op<$t> for f64 {
            type Output = $t;
            #[inline(always)]
            fn $op(self, right: $t) -> $t {
                $crate::number::Real::binary_left(&right, $crate::number::function::$function, self)
            }
        }
        impl<$($g)*> std::ops::$Op<&$t> for f64 {
            type Output = $t;
            #[inline(always)]
            fn $op(self, right: &$t) -> $t {
                $crate::number::Real::binary_left(right, $crate::number::function::$function, self)
            }
        }
        impl<$($g)*> std::ops::$Assign for $t {
            #[inline(always)]
            fn $assign(&mut self, right: $t) {
                *self = $crate::number::Real::binary(self, $crate::number::function::$function, &right);
            }
        }
        impl<$($g)*> std::ops::$Assign<&$t> for $t {
            #[inline(always)]
            fn $assign(&mut self, right: &$t) {
                *self = $crate::number::Real::binary(self, $crate::number::function::$function, right);
            }
        }
        impl<$($g)*> std::ops::$Assign<f64> for $t {
            #[inline(always)]
            fn $assign(&mut self, right: f64) {
                *self = $crate::number::Real::binary_right(self, $crate::number::function::$function, right);
            }
        }
    };
}

/// Comparisons by value, between numbers and with `f64`, for a type that is [`Scalar`](super::Scalar).
macro_rules! comparisons {
    ([$($g:tt)*] $t:ty) => {
        impl<$($g)*> PartialEq for $t {
            #[inline(always)]
            fn eq(&self, other: &$t) -> bool {
                $crate::number::Scalar::primal(self) == $crate::number::Scalar::primal(other)
            }
        }
        impl<$($g)*> PartialOrd for $t {
            #[inline(always)]
            fn partial_cmp(&self, other: &$t) -> Option<std::cmp::Ordering> {
                $crate::number::Scalar::primal(self).partial_cmp(&$crate::number::Scalar::primal(other))
            }
        }
        impl<$($g)*> PartialEq<f64> for $t {
            #[inline(always)]
            fn eq(&self, other: &f64) -> bool { $crate::number::Scalar::primal(self) == *other }
        }
        impl<$($g)*> PartialOrd<f64> for $t {
            #[inline(always)]
            fn partial_cmp(&self, other: &f64) -> Option<std::cmp::Ordering> {
                $crate::number::Scalar::primal(self).partial_cmp(other)
            }
        }
    };
}

pub(crate) use {comparisons, operators};
