"""The workloads in JAX, under `jax.jit`: a function of the input arrays that gives what is called.

A call waits for its results. States are donated. What is given is traced and compiled anew each time.
"""

import jax
import jax.numpy as jnp
import numpy as np

# For f64; f32 stays f32.
jax.config.update("jax_enable_x64", True)
# A call is run by the thread that makes it: JAX's small programs are faster by a third.
jax.config.update("jax_cpu_enable_async_dispatch", False)

HEADS = 4
RATE = 1e-5


def on_device(arrays):
    # Indices as JAX's users have them, without 64 bits.
    return [jnp.array(x.astype("int32") if x.dtype == np.int64 else x) for x in arrays]


def call_of(f, arrays):
    # Another function object each time, for what JAX compiled it keeps by that.
    inputs, compiled = on_device(arrays), jax.jit(lambda *x: f(*x))
    return lambda: jax.block_until_ready(compiled(*inputs))


def gradient_of(f, arrays, which):
    return call_of(jax.value_and_grad(f, argnums=tuple(which)), arrays)


def tiny(arrays):
    return call_of(lambda x: x * 2.0 + 1.0, arrays)


def chain(links):
    """Unrolled."""

    def f(y, a, c):
        for _ in range(links):
            y = jnp.tanh(y * a + c)
        return y

    return lambda arrays: gradient_of(f, arrays, range(3))


def chain_scan(links):
    """As a loop, which both compiles and runs faster."""

    def f(y, a, c):
        return jax.lax.scan(lambda y, _: (jnp.tanh(y * a + c), None), y, length=links)[0]

    return lambda arrays: gradient_of(f, arrays, range(3))


def bumps(arrays):
    return gradient_of(lambda x: (jnp.sin(x) * jnp.exp(-(x**2)) + jnp.tanh(x)).sum(), arrays, [0])


def cross_entropy(scores, labels):
    log_p = jax.nn.log_softmax(scores)
    return -jnp.take_along_axis(log_p, labels[:, None], axis=1).mean()


def mlp_loss(parameters, x, labels):
    w1, b1, w2, b2, w3, b3 = parameters
    x = jax.nn.relu(x @ w1 + b1)
    x = jax.nn.relu(x @ w2 + b2)
    return cross_entropy(x @ w3 + b3, labels)


def steps_of(step, state, batch):
    # Donated buffers are gone after the first call: the next one takes what it gave.
    held, compiled = [state], jax.jit(lambda *x: step(*x), donate_argnums=0)

    def run():
        held[0], loss = jax.block_until_ready(compiled(held[0], *batch))
        return [*jax.tree.leaves(held[0]), loss]

    return run


def mlp(arrays):
    x, labels, *parameters = on_device(arrays)

    def step(state, x, labels):
        parameters, momentum = state
        loss, gradient = jax.value_and_grad(mlp_loss)(parameters, x, labels)
        momentum = [m * 0.9 + g for m, g in zip(momentum, gradient)]
        return ([w - m * RATE for w, m in zip(parameters, momentum)], momentum), loss

    return steps_of(step, (parameters, [jnp.zeros_like(w) for w in parameters]), (x, labels))


def mlp_product(arrays):
    x, labels, *rest = on_device(arrays)
    product = lambda at, v, x, labels: jax.jvp(lambda at: jax.grad(mlp_loss)(at, x, labels), (at,), (v,))[1]
    product = jax.jit(product)
    return lambda: jax.block_until_ready(product(rest[:6], rest[6:], x, labels))


def rosenbrock(x):
    return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


def rosenbrock_product(arrays):
    return call_of(lambda x, v: jax.jvp(jax.grad(rosenbrock), (x,), (v,))[1], arrays)


def rosenbrock_hessian(arrays):
    return call_of(jax.hessian(rosenbrock), arrays)


def lenet(arrays):
    def half(x, kernel, bias):
        x = jax.lax.conv_general_dilated(x, kernel, (1, 1), "VALID") + bias[:, None, None]
        return jax.lax.reduce_window(jax.nn.relu(x), -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")

    def loss(x, labels, k1, b1, k2, b2, w, b):
        x = half(half(x, k1, b1), k2, b2)
        return cross_entropy(x.reshape(x.shape[0], -1) @ w + b, labels)

    return gradient_of(loss, arrays, range(2, 8))


def rnn(arrays):
    def energy(x, w_input, w_hidden, bias):
        def step(h, x):
            h = jnp.tanh(x + h @ w_hidden)
            return h, jnp.square(h)

        zeros = jnp.zeros((x.shape[1], bias.shape[0]), x.dtype)
        return jax.lax.scan(step, zeros, x @ w_input + bias)[1].sum()

    return gradient_of(energy, arrays, range(1, 4))


def layer_norm(x, weight, bias):
    mean = x.mean(-1, keepdims=True)
    variance = jnp.square(x - mean).mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * weight + bias


def gpt_loss(parameters, tokens, following):
    table, places, *blocks, norm_w, norm_b, head = parameters
    x = table[tokens] + places
    batch, length, width = x.shape
    seen = jnp.tril(jnp.ones((length, length), bool))
    for i in range(0, len(blocks), 12):
        w1, b1, w_qkv, b_qkv, w_out, b_out, w2, b2, w_up, b_up, w_down, b_down = blocks[i : i + 12]
        heads = (layer_norm(x, w1, b1) @ w_qkv + b_qkv).reshape(batch, length, 3, HEADS, width // HEADS)
        query, key, value = heads.transpose(2, 0, 3, 1, 4)
        scores = query @ key.swapaxes(2, 3) / (width // HEADS) ** 0.5
        weights = jax.nn.softmax(jnp.where(seen, scores, -jnp.inf))
        x = x + ((weights @ value).swapaxes(1, 2).reshape(batch, length, width) @ w_out + b_out)
        x = x + (jax.nn.gelu(layer_norm(x, w2, b2) @ w_up + b_up, approximate=False) @ w_down + b_down)
    scores = layer_norm(x, norm_w, norm_b) @ head
    return cross_entropy(scores.reshape(batch * length, -1), following.reshape(-1))


def gpt(arrays):
    tokens, following, *parameters = on_device(arrays)

    def step(state, tokens, following):
        parameters, means, squares, steps = state
        loss, gradient = jax.value_and_grad(gpt_loss)(parameters, tokens, following)
        steps = steps + 1
        means = [m * 0.9 + g * 0.1 for m, g in zip(means, gradient)]
        squares = [v * 0.999 + g * g * 0.001 for v, g in zip(squares, gradient)]
        of_mean, of_square = 1 - 0.9**steps, 1 - 0.999**steps
        changes = [(m / of_mean) / (jnp.sqrt(v / of_square) + 1e-8) for m, v in zip(means, squares)]
        parameters = [w * (1 - RATE * 0.01) - change * RATE for w, change in zip(parameters, changes)]
        return (parameters, means, squares, steps), loss

    zeros = lambda: [jnp.zeros_like(w) for w in parameters]
    return steps_of(step, (parameters, zeros(), zeros(), jnp.zeros((), "float32")), (tokens, following))
