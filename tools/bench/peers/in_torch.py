"""The workloads in PyTorch, as its users write them: a function of the input arrays that gives what is called.

With `compiled`, through `torch.compile`: the loss with its gradient, as its documentation has it; optimizers stay fused.
"""

import torch
import torch.nn.functional as F
from rows import gradients

HEADS = 4
RATE = 1e-5


def tensors(arrays):
    # Clones lie where PyTorch lays its results.
    return [torch.from_numpy(array).clone() for array in arrays]


def prepared(f, compiled):
    return torch.compile(f, dynamic=False) if compiled else f


def gradient_of(f, arrays, which, compiled):
    """The value with the gradients of some inputs."""
    inputs, run = tensors(arrays), gradients(prepared(f, compiled), which)
    return lambda: run(*inputs)


def call_of(f, arrays, compiled):
    inputs, f = tensors(arrays), prepared(f, compiled)
    return lambda: [f(*inputs)]


def tiny(arrays, compiled):
    call = call_of(lambda x: x * 2.0 + 1.0, arrays, compiled)
    return torch.no_grad()(call)


def chain(links):
    def f(y, a, c):
        for _ in range(links):
            y = torch.tanh(y * a + c)
        return y

    return lambda arrays, compiled: gradient_of(f, arrays, range(3), compiled)


def bumps(arrays, compiled):
    f = lambda x: (torch.sin(x) * torch.exp(-(x**2)) + torch.tanh(x)).sum()
    return gradient_of(f, arrays, [0], compiled)


def mlp_loss(x, labels, *parameters):
    w1, b1, w2, b2, w3, b3 = parameters
    x = torch.addmm(b1, x, w1).relu()
    x = torch.addmm(b2, x, w2).relu()
    return F.cross_entropy(torch.addmm(b3, x, w3), labels)


def training(loss, arrays, compiled, optimizer, state_of):
    """Steps of an optimizer; the parameters follow two inputs."""
    first, second, *parameters = tensors(arrays)
    parameters = [p.requires_grad_() for p in parameters]
    optimizer, loss = optimizer(parameters), prepared(loss, compiled)

    def run():
        optimizer.zero_grad()
        y = loss(first, second, *parameters)
        y.backward()
        optimizer.step()
        return [*parameters, *state_of(optimizer, parameters), y.detach()]

    return run


def mlp(arrays, compiled):
    sgd = lambda parameters: torch.optim.SGD(parameters, lr=RATE, momentum=0.9, fused=True)
    momentum = lambda optimizer, parameters: [optimizer.state[p]["momentum_buffer"] for p in parameters]
    return training(mlp_loss, arrays, compiled, sgd, momentum)


def double_backward(loss, inputs, at, direction):
    """The Hessian times a vector by differentiating the gradient's product with it."""
    at = [x.detach().requires_grad_() for x in at]
    gradient = torch.autograd.grad(loss(*inputs, *at), at, create_graph=True)
    return list(torch.autograd.grad(gradient, at, direction))


def product_of(loss, arrays, count, compiled):
    """Eagerly by double backward, which `torch.compile` refuses: there forward over reverse."""
    inputs = tensors(arrays)
    given, at, direction = inputs[: len(inputs) - 2 * count], inputs[-2 * count : -count], inputs[-count:]
    if not compiled:
        return lambda: double_backward(loss, given, at, direction)
    which = tuple(range(len(given), len(given) + count))
    gradient = torch.func.grad(loss, argnums=which)

    def product(given, at, direction):
        return torch.func.jvp(lambda *at: gradient(*given, *at), tuple(at), tuple(direction))[1]

    product = prepared(product, True)
    return lambda: list(product(given, at, direction))


def mlp_product(arrays, compiled):
    return product_of(mlp_loss, arrays, 6, compiled)


def rosenbrock(x):
    return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


def rosenbrock_product(arrays, compiled):
    return product_of(rosenbrock, arrays, 1, compiled)


def rosenbrock_hessian(arrays, compiled):
    return call_of(torch.func.hessian(rosenbrock), arrays, compiled)


def lenet(arrays, compiled):
    def loss(x, labels, k1, b1, k2, b2, w, b):
        x = F.max_pool2d(F.relu(F.conv2d(x, k1, b1)), 2)
        x = F.max_pool2d(F.relu(F.conv2d(x, k2, b2)), 2)
        return F.cross_entropy(x.flatten(1) @ w + b, labels)

    return gradient_of(loss, arrays, range(2, 8), compiled)


def rnn(arrays, compiled):
    """`torch.nn.RNN`, several times as fast as a loop of one's own."""
    if compiled:
        return None
    x, w_input, w_hidden, bias = tensors(arrays)
    net = torch.nn.RNN(w_input.shape[0], w_hidden.shape[0])
    with torch.no_grad():
        net.weight_ih_l0.copy_(w_input.t())
        net.weight_hh_l0.copy_(w_hidden.t())
        net.bias_ih_l0.copy_(bias)
        net.bias_hh_l0.zero_()

    def run():
        net.zero_grad()
        y = net(x)[0].square().sum()
        y.backward()
        return [y.detach(), net.weight_ih_l0.grad.t(), net.weight_hh_l0.grad.t(), net.bias_ih_l0.grad]

    return run


def gpt_loss(tokens, following, table, places, *rest):
    *blocks, norm_w, norm_b, head = rest
    x = table[tokens] + places
    batch, length, width = x.shape
    norm = lambda x, w, b: F.layer_norm(x, (width,), w, b)
    for i in range(0, len(blocks), 12):
        w1, b1, w_qkv, b_qkv, w_out, b_out, w2, b2, w_up, b_up, w_down, b_down = blocks[i : i + 12]
        heads = (norm(x, w1, b1) @ w_qkv + b_qkv).view(batch, length, 3, HEADS, width // HEADS)
        query, key, value = heads.permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + (seen.transpose(1, 2).reshape(batch, length, width) @ w_out + b_out)
        x = x + (F.gelu(norm(x, w2, b2) @ w_up + b_up) @ w_down + b_down)
    scores = norm(x, norm_w, norm_b) @ head
    return F.cross_entropy(scores.flatten(0, 1), following.flatten())


def gpt(arrays, compiled):
    adam = lambda parameters: torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.01, fused=True)

    def state(optimizer, parameters):
        states = [optimizer.state[p] for p in parameters]
        means, squares = [s["exp_avg"] for s in states], [s["exp_avg_sq"] for s in states]
        return [*means, *squares, states[0]["step"]]

    return training(gpt_loss, arrays, compiled, adam, state)
