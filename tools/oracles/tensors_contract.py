#!/usr/bin/env python3
"""Writes crates/cotangent/tests/tables/contract.txt: products of tensors and sums of them, by JAX.

    python3 tools/oracles/tensors_contract.py     # from the repository root; --only TEXT prints some cases

The format, and what belongs to a case, are told in `table.py`. A product of two is bilinear, so its Hessian joins the operands.
Cases with a label `special…` have values alone: NaN, infinities, whole numbers.
"""

from table import INF, NAN, Table, jnp, np, real, whole

table = Table("contract", __file__)
case, special = table.case, table.special


def einsum(x, p, optimize):
    # A table has no spaces in a word.
    return jnp.einsum(p["spec"].replace("_", " "), *x, optimize=optimize)


table.functions.update(
    {
        "einsum_of": lambda x, p: einsum(x, p, "optimal"),
        "einsum_many": lambda x, p: einsum(x, p, "greedy"),
        "matmul_of": lambda x, p: jnp.matmul(*x),
        "dot_of": lambda x, p: jnp.dot(*x),
        "inner": lambda x, p: jnp.inner(*x),
        "vdot": lambda x, p: jnp.vdot(*x),
        "outer": lambda x, p: jnp.outer(*x),
        "tensordot": lambda x, p: jnp.tensordot(*x, axes=p["n"]),
        "tensordot_axes": lambda x, p: jnp.tensordot(*x, axes=(p["own"], p["other"])),
        "vecdot": lambda x, p: jnp.vecdot(*x, axis=p["axis"]),
        "matvec": lambda x, p: jnp.matvec(*x),
        "vecmat": lambda x, p: jnp.vecmat(*x),
        "kron": lambda x, p: jnp.kron(*x),
        "multi_dot": lambda x, p: jnp.linalg.multi_dot(x),
        # The same operand twice, and products of products: second derivatives within an operand.
        "gram": lambda x, p: jnp.matmul(x[0].mT, x[0]),
        "quadratic": lambda x, p: jnp.einsum("...i,ij,...j->...", x[0], x[1], x[0]),
        "inner_twice": lambda x, p: jnp.inner(x[0], jnp.inner(x[0], x[1])),
    }
)


def reals(name, shapes, f32=False, **params):
    case(name, *[real(shape) for shape in shapes], f32=f32, **params)


# The label, the equation, the shapes. An underscore stands for a space.
EINSUM = [
    ("number", "->", [()]),
    ("numbers", ",->", [(), ()]),
    ("scaled", "i,->i", [(3,), ()]),
    ("total", "ijk->", [(2, 3, 2)]),
    ("sum_rows", "ij->i", [(2, 3)]),
    ("turned", "ijk->kij", [(2, 3, 2)]),
    ("diagonal", "ii->i", [(3, 3)]),
    ("trace", "ii->", [(3, 3)]),
    ("implicit_trace", "ii", [(3, 3)]),
    ("two_diagonals", "ijij->ij", [(2, 3, 2, 3)]),
    ("thrice", "iii->i", [(2, 2, 2)]),
    ("batch_diagonal", "bii->bi", [(2, 3, 3)]),
    ("vectors", "i,i->", [(4,), (4,)]),
    ("hadamard", "ij,ij->ij", [(2, 3), (2, 3)]),
    ("hadamard_turned", "ij,ji->ij", [(2, 3), (3, 2)]),
    ("rows_scaled", "ij,i->ij", [(2, 3), (2,)]),
    ("outer", "i,j->ij", [(2,), (3,)]),
    ("outer_turned", "i,j->ji", [(2,), (3,)]),
    ("matrices", "ij,jk->ik", [(2, 3), (3, 4)]),
    ("matrices_turned", "ij,jk->ki", [(2, 3), (3, 4)]),
    ("right_transposed", "ij,kj->ik", [(2, 3), (4, 3)]),
    ("left_transposed", "ji,jk->ik", [(3, 2), (3, 4)]),
    ("both_transposed", "ji,kj->ik", [(3, 2), (4, 3)]),
    ("implicit", "ij,jk", [(2, 3), (3, 2)]),
    ("implicit_alphabetical", "zj,ja", [(2, 3), (3, 2)]),
    ("implicit_capitals", "aB,Bc", [(2, 3), (3, 2)]),
    ("batched", "bij,bjk->bik", [(2, 2, 3), (2, 3, 2)]),
    ("batch_last", "ijb,jkb->bik", [(2, 3, 2), (3, 2, 2)]),
    ("batch_summed", "bij,bjk->ik", [(2, 2, 3), (2, 3, 2)]),
    ("two_contracted", "ijk,kji->", [(2, 3, 2), (2, 3, 2)]),
    ("two_contracted_apart", "aibj,jci->abc", [(2, 3, 1, 2), (2, 2, 3)]),
    ("attention", "bhqd,bhkd->bhqk", [(1, 2, 3, 2), (1, 2, 2, 2)]),
    ("summed_alone", "ij,k->i", [(2, 3), (2,)]),
    ("repeated_in_pair", "iij,jkk->ik", [(2, 2, 3), (3, 2, 2)]),
    ("repeated_common", "ii,i->i", [(3, 3), (3,)]),
    ("length_one", "ij,jk->ik", [(1, 1), (1, 1)]),
    ("nothing_summed", "ij,jk->ik", [(2, 0), (0, 2)]),
    ("no_rows", "ij,jk->ik", [(0, 2), (2, 3)]),
    ("no_batch", "bij,bjk->bik", [(0, 2, 2), (0, 2, 2)]),
    ("dots_alone", "...->...", [(2, 3)]),
    ("dots_number", "...,...->...", [(), ()]),
    ("dots_of_none", "i...->i...", [(3,)]),
    ("dots_last", "...i->i...", [(2, 3)]),
    ("dots_between", "i...j->j...i", [(2, 2, 3)]),
    ("dots_turned", "ij...->...ji", [(2, 3, 2)]),
    ("dots_implicit", "...ij,...jk", [(2, 2, 3), (2, 3, 2)]),
    ("dots_broadcast", "...ij,...jk->...ik", [(2, 1, 2, 3), (3, 3, 2)]),
    ("dots_broadcast_both", "...i,...i->...", [(2, 1, 3), (1, 2, 3)]),
    ("dots_one_sided", "...i,ij->...j", [(2, 2, 3), (3, 2)]),
    ("dots_missing", "...i,i->...", [(2, 3), (3,)]),
    ("dots_hadamard", "...,...->...", [(2, 1), (3,)]),
    ("dots_weighed", "i...,i->...", [(2, 3), (2,)]),
    ("dots_diagonal", "...ii->...i", [(2, 3, 3)]),
    ("dots_trace", "...ii->...", [(2, 2, 2)]),
    ("dots_empty", "...ij,...jk->...ik", [(0, 1, 2), (1, 2, 2)]),
    ("dots_letters_around", "a...b,b...a->...", [(2, 3, 2), (2, 3, 2)]),
    ("spaces", "_i_j_,_j_k_->_i_k_", [(2, 3), (3, 2)]),
    ("chain", "ij,jk,kl->il", [(3, 2), (2, 3), (3, 1)]),
    ("chain_right_first", "ij,jk,kl->il", [(1, 2), (2, 3), (3, 3)]),
    ("quadratic_form", "i,ij,j->", [(3,), (3, 2), (2,)]),
    ("star", "ij,ik,il->jkl", [(2, 1), (2, 2), (2, 3)]),
    ("cycle", "ij,jk,ki->", [(2, 3), (3, 2), (2, 2)]),
    ("three_equal", "i,i,i->i", [(3,), (3,), (3,)]),
    ("bilinear", "bi,oij,bj->bo", [(2, 3), (2, 3, 2), (2, 2)]),
    ("four", "ab,bc,cd,de->ae", [(2, 3), (3, 2), (2, 3), (3, 2)]),
    ("tucker", "abc,ai,bj,ck->ijk", [(2, 2, 2), (2, 1), (2, 3), (2, 2)]),
    ("dots_three", "...i,...ij,...j->...", [(2, 2), (2, 2, 3), (3,)]),
]
for label, spec, shapes in EINSUM:
    f32 = label in ("matrices", "batched", "dots_broadcast", "chain", "rows_scaled")
    reals(f"einsum_of/{label}", shapes, f32=f32, spec=spec)
letters = "abcdefghijklm"
reals(
    "einsum_many/ring",
    [(2, 2)] * 10,
    spec=",".join(letters[i] + letters[(i + 1) % 10] for i in range(10)) + "->",
)
reals(
    "einsum_many/chain",
    [(1 + i % 3, 1 + (i + 1) % 3) for i in range(11)],
    spec=",".join(letters[i : i + 2] for i in range(11)) + "->al",
)
reals("einsum_many/numbers", [()] * 9 + [(2,)], spec="," * 9 + "i->i")

MATMUL = {
    "vectors": [(3,), (3,)],
    "matrix_vector": [(2, 3), (3,)],
    "vector_matrix": [(3,), (3, 2)],
    "matrices": [(2, 3), (3, 4)],
    "row_column": [(1, 3), (3, 1)],
    "column_row": [(3, 1), (1, 2)],
    "batch": [(2, 2, 3), (2, 3, 2)],
    "batch_of_one": [(1, 2, 3), (2, 3, 2)],
    "batch_broadcast": [(2, 1, 2, 2), (3, 2, 1)],
    "batch_matrix": [(2, 2, 3), (3, 2)],
    "matrix_batch": [(2, 3), (2, 3, 2)],
    "batch_vector": [(2, 2, 3), (3,)],
    "vector_batch": [(3,), (2, 3, 2)],
    "nothing_summed": [(2, 0), (0, 3)],
    "no_rows": [(0, 3), (3, 2)],
    "no_batch": [(0, 2, 3), (1, 3, 2)],
}
for label, shapes in MATMUL.items():
    reals(f"matmul_of/{label}", shapes, f32=label in ("matrices", "batch_broadcast"))
for label, shapes in {
    "numbers": [(), ()],
    "number": [(2, 3), ()],
    "vectors": [(3,), (3,)],
    "matrices": [(2, 3), (3, 2)],
    "batches": [(2, 1, 3), (2, 3, 2)],
    "vector_batch": [(3,), (2, 3, 2)],
    "nothing": [(0,), (0,)],
}.items():
    reals(f"dot_of/{label}", shapes, f32=label == "batches")
for label, shapes in {
    "numbers": [(), ()],
    "number": [(), (2,)],
    "vectors": [(3,), (3,)],
    "matrices": [(2, 3), (4, 3)],
    "ranks": [(2, 2, 3), (3,)],
    "nothing_summed": [(2, 0), (3, 0)],
}.items():
    reals(f"inner/{label}", shapes, f32=label == "matrices")
for label, shapes in {
    "numbers": [(), ()],
    "number_one": [(), (1,)],
    "vectors": [(3,), (3,)],
    "matrices": [(2, 3), (2, 3)],
    "shapes": [(2, 3), (3, 2)],
    "nothing": [(0, 2), (0,)],
}.items():
    reals(f"vdot/{label}", shapes, f32=label == "shapes")
for label, shapes in {
    "numbers": [(), ()],
    "vectors": [(2,), (3,)],
    "matrices": [(2, 2), (1, 3)],
    "nothing": [(0,), (2,)],
}.items():
    reals(f"outer/{label}", shapes, f32=label == "vectors")
for label, shapes, n in [
    ("numbers", [(), ()], 0),
    ("outer", [(2,), (1, 2)], 0),
    ("matrices", [(2, 3), (3, 2)], 1),
    ("two", [(2, 3, 2), (3, 2, 1)], 2),
    ("all", [(2, 3), (2, 3)], 2),
    ("nothing_summed", [(2, 0), (0, 2)], 1),
]:
    reals(f"tensordot/{label}", shapes, n=n, f32=label == "two")
for label, shapes, own, other in [
    ("first", [(3, 2), (3, 4)], [0], [0]),
    ("negative", [(2, 3), (2, 3)], [-1], [-1]),
    ("crossed", [(2, 3, 4), (4, 1, 2)], [0, -1], [-1, 0]),
    ("in_order", [(2, 3, 2), (2, 3, 2)], [2, 0, 1], [0, 2, 1]),
    ("middle", [(2, 3, 2), (1, 3, 2)], [1], [1]),
]:
    reals(f"tensordot_axes/{label}", shapes, own=own, other=other, f32=label == "crossed")
for label, shapes, axis in [
    ("vectors", [(3,), (3,)], 0),
    ("rows", [(2, 3), (2, 3)], -1),
    ("columns", [(3, 2), (3, 2)], 0),
    ("broadcast", [(2, 1, 3), (2, 3)], -1),
    ("nothing_summed", [(2, 0), (0,)], -1),
]:
    reals(f"vecdot/{label}", shapes, axis=axis, f32=label == "broadcast")
for label, shapes in {
    "one": [(2, 3), (3,)],
    "many_vectors": [(2, 3), (2, 2, 3)],
    "both": [(2, 2, 3), (2, 3)],
    "broadcast": [(2, 1, 2, 2), (3, 2)],
    "nothing_summed": [(2, 0), (0,)],
}.items():
    reals(f"matvec/{label}", shapes, f32=label == "both")
    turned = [shapes[1], (*shapes[0][:-2], shapes[0][-1], shapes[0][-2])]
    reals(f"vecmat/{label}", turned, f32=label == "both")
for label, shapes in {
    "numbers": [(), ()],
    "vectors": [(2,), (3,)],
    "matrices": [(2, 3), (3, 2)],
    "ranks": [(2,), (2, 1, 3)],
    "nothing": [(0, 2), (2, 1)],
}.items():
    reals(f"kron/{label}", shapes, f32=label == "matrices")
for label, shapes in {
    "two": [(2, 3), (3, 2)],
    "three": [(3, 2), (2, 3), (3, 1)],
    "row_and_column": [(2,), (2, 3), (3, 2), (2,)],
    "five": [(2, 1), (1, 3), (3, 2), (2, 2), (2, 1)],
    "nothing_summed": [(2, 0), (0, 2), (2, 1)],
}.items():
    reals(f"multi_dot/{label}", shapes, f32=label == "three")
reals("gram/matrix", [(3, 2)], f32=True)
reals("gram/batch", [(2, 3, 2)])
reals("gram/large", [(40, 5)])
reals("quadratic/vector", [(3,), (3, 3)])
reals("quadratic/batch", [(4, 2), (2, 2)], f32=True)
reals("inner_twice/square", [(2, 2), (2, 2)])
# Larger than one tile, so that every loop of the kernels has a part.
reals("matmul_of/tiles", [(11, 20), (20, 19)], f32=True)
reals("einsum_of/tiles_transposed", [(11, 20), (19, 20)], f32=True, spec="ij,kj->ik")
reals("matmul_of/long_line", [(70,), (70,)], f32=True)
reals("matmul_of/wide_row", [(1, 5), (5, 70)])

special("matmul_of/special", np.array([[1.0, INF], [0.5, 2.0]]), np.array([[0.0, 1.0], [0.0, 3.0]]), f32=False)
special("matmul_of/special_nan", np.array([[1.0, NAN], [0.5, 2.0]]), np.array([[0.0, 1.0], [0.0, 3.0]]), f32=False)
special("matmul_of/special_infinities", np.array([[INF, 1.0], [-INF, 2.0]]), np.array([[1.0, -1.0], [INF, 2.0]]), f32=False)
special("matmul_of/special_whole", whole([[1, 2], [3, -4]]), whole([[5, -6], [7, 8]]), f32=False)
special("matmul_of/special_large_numbers", np.array([[1e200, 1.0]]), np.array([[1e200], [1.0]]), f32=False)
special("einsum_of/special_whole", whole([[1, 2], [3, -4]]), whole([5, -6]), spec="...i,i->...", f32=False)
special("einsum_of/special_hadamard", np.array([0.0, INF, NAN]), np.array([INF, 0.0, 1.0]), spec="i,i->i", f32=False)
special("outer/special", np.array([0.0, INF, 1.0]), np.array([NAN, 0.0, -INF]), f32=False)
special("vdot/special", np.array([0.0, 1.0]), np.array([INF, 1.0]), f32=False)
special("kron/special_whole", whole([1, -2]), whole([[3], [4]]), f32=False)
special("tensordot/special_whole", whole([[1, -2]]), whole([[3, 4], [5, 6]]), n=1, f32=False)

if __name__ == "__main__":
    table.main()
