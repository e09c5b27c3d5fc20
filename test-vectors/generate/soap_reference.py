"""SOAP, in the variant of the README, in 50-digit numbers, and the faults that the vectors must show.

Formulated otherwise than in Spikecast: the first moment stays in the parameters' own coordinates and is brought into the
basis for every step, and bases are made orthonormal by Gram and Schmidt's procedure, so that columns may differ by their sign.
"""

from mpmath import eye, matrix, mp, mpf, sqrt, zeros

FAULTS = {
    "never-turns": "P and Q stay identities: this is AdamW",
    "no-rows": "P stays the identity",
    "no-columns": "Q stays the identity",
    "turns-a-step-later": "P and Q change after the updates K, 2 K, ..., not before (so do the authors')",
    "eigenvectors-of-the-gradient": "L and R hold G of the last update alone",
    "sums-never-fade": "beta is 1",
    "moment-stays": "the first moment keeps its entries when the basis changes",
    "second-moment-begins-anew": "the second moment is zero after the basis has changed",
    "blocks-apart": "every block is a matrix of its own",
    "joined-past-vectors": "a matrix goes on past its last vector while blocks have as many rows",
    "decay-of-the-step": "decay shrinks the parameters after the step, not before",
    "no-decay": "weight_decay is ignored",
}

FLOOR = mpf(10) ** -12


def groups(shapes, fault=None):
    """Names of the blocks that are one matrix: of as many rows, one after the other, up to the last vector."""
    result = []
    for name, shape in shapes.items():
        before = shapes[result[-1][-1]] if result else None
        joined = before and before[0] == shape[0] and (len(before) > 1 or len(shape) == 1 or fault == "joined-past-vectors")
        if joined and fault != "blocks-apart":
            result[-1].append(name)
        else:
            result.append([name])
    return result


def side_by_side(blocks):
    """Blocks as lists of rows, joined."""
    return matrix([sum(rows, []) for rows in zip(*blocks)])


def rows_of(block):
    shape = block["shape"]
    columns = shape[1] if len(shape) > 1 else 1
    data = [mpf(x) for x in block["data"]]
    return [data[i * columns : (i + 1) * columns] for i in range(shape[0])]


def orthonormal(a):
    q = a.copy()
    for j in range(a.cols):
        for _ in range(2):
            for i in range(j):
                dot = sum(q[k, i] * q[k, j] for k in range(a.rows))
                for k in range(a.rows):
                    q[k, j] -= dot * q[k, i]
        length = sqrt(sum(q[k, j] ** 2 for k in range(a.rows)))
        for k in range(a.rows):
            q[k, j] /= length
    return q


def turned(total, basis):
    n = total.rows
    floor = FLOOR * sum(total[i, i] for i in range(n)) / n
    return orthonormal(total * basis + floor * basis) if n > 1 and floor > 0 else basis


class Matrix:
    """One matrix of parameters with all that SOAP remembers of it."""

    def __init__(self, case, theta, fault):
        self.case, self.theta, self.fault = case, theta, fault
        n, k = theta.rows, theta.cols
        self.l, self.r, self.p, self.q = zeros(n), zeros(k), eye(n), eye(k)
        self.m, self.v, self.t = zeros(n, k), zeros(n, k), 0

    def turn(self):
        p, q = self.p, self.q
        if self.fault not in ("never-turns", "no-rows"):
            self.p = turned(self.l, p)
        if self.fault not in ("never-turns", "no-columns"):
            self.q = turned(self.r, q)
        if self.fault == "second-moment-begins-anew":
            self.v *= 0
        if self.fault == "moment-stays":
            self.m = self.p * (p.T * self.m * q) * self.q.T

    def step(self, g):
        number = {name: mpf(self.case[name]) for name in ("lr", "beta1", "beta2", "eps", "weight_decay")}
        beta, interval = mpf(self.case["preconditioner"]["beta"]), self.case["preconditioner"]["interval"]
        beta = {"eigenvectors-of-the-gradient": 0, "sums-never-fade": 1}.get(self.fault, beta)
        decay = 1 - (0 if self.fault == "no-decay" else number["lr"] * number["weight_decay"])
        self.t += 1
        self.l = beta * self.l + g * g.T
        self.r = beta * self.r + g.T * g
        late = self.fault == "turns-a-step-later"
        if self.t % interval == 0 and not late:
            self.turn()
        self.m = number["beta1"] * self.m + (1 - number["beta1"]) * g
        inside, mean = self.p.T * g * self.q, self.p.T * self.m * self.q
        d = zeros(g.rows, g.cols)
        for i in range(g.rows):
            for j in range(g.cols):
                self.v[i, j] = number["beta2"] * self.v[i, j] + (1 - number["beta2"]) * inside[i, j] ** 2
                root = sqrt(self.v[i, j] / (1 - number["beta2"] ** self.t))
                d[i, j] = -number["lr"] / (1 - number["beta1"] ** self.t) * mean[i, j] / (root + number["eps"])
        d = self.p * d * self.q.T
        shrunk_last = self.fault == "decay-of-the-step"
        self.theta = decay * (self.theta + d) if shrunk_last else decay * self.theta + d
        if self.t % interval == 0 and late:
            self.turn()


def trajectory(case, fault=None):
    """The parameters after each step: a list of flat lists by name."""
    assert fault is None or fault in FAULTS, fault
    mp.dps = 50
    start = case["parameters0"]
    shapes = {name: block["shape"] for name, block in start.items()}
    joined = groups(shapes, fault)
    matrices = [Matrix(case, side_by_side([rows_of(start[name]) for name in names]), fault) for names in joined]
    result = []
    for gradients in case["gradients"]:
        step = {}
        for names, m in zip(joined, matrices):
            m.step(side_by_side([rows_of(gradients[name]) for name in names]))
            column = 0
            for name in names:
                width = shapes[name][1] if len(shapes[name]) > 1 else 1
                step[name] = [m.theta[i, column + j] for i in range(m.theta.rows) for j in range(width)]
                column += width
        result.append(step)
    return result
