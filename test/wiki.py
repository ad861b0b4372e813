"""Text that looks like an encyclopedia, the same for the same seed: words by Zipf's law, `the` often, `science` in any
case in one line of 200, empty lines, a few very long ones, and bytes that are no ASCII and no UTF-8."""
import itertools
import random

SCIENCE_PER_LINE = 0.005
BLOCK_LINES = 20_000
LETTERS = "etaoinshrdlucmfwypvbgk"


def vocabulary(dice, size=30_000):
    words = {"the", "of", "and", "in", "The", "breathe", "theory"}
    while len(words) < size:
        words.add("".join(dice.choices(LETTERS, weights=range(len(LETTERS), 0, -1), k=dice.randint(2, 10))))
    words = sorted(words)
    dice.shuffle(words)
    words.sort(key=lambda word: word not in ("the", "of", "and", "in"))  # stable: these are the most frequent
    for i in range(50, size, 97):
        words[i] += dice.choice(["é", "ß", "–", "日本"])
    return [word.encode() for word in words]


def phrases(dice, count):
    """Pieces of lines, which are cheaper to draw than words are."""
    words = vocabulary(dice)
    weights = list(itertools.accumulate(1 / (rank + 2) for rank in range(len(words))))
    drawn = iter(dice.choices(words, cum_weights=weights, k=count * 8))
    made = [b" ".join(itertools.islice(drawn, dice.randint(2, 7))) for _ in range(count)]
    made[::331] = [piece + dice.choice([b",", b".\t", b"  ", b" \xff\xfe", b"\r", b" \xe9t\xe9"])
                   for piece in made[::331]]
    return made


def sciences(dice):
    word = "".join(dice.choice(pair) for pair in zip("science", "SCIENCE")) if dice.random() < 0.5 else "science"
    return word.encode()


def blocks(dice, pieces):
    """Blocks of lines without end."""
    while True:
        a, b, c = (dice.choices(pieces, k=BLOCK_LINES) for _ in range(3))
        lines = [b"%b %b %b" % three for three in zip(a, b, c)]
        for i in dice.sample(range(BLOCK_LINES), int(BLOCK_LINES * SCIENCE_PER_LINE)):
            lines[i] += b" " + sciences(dice) + b" and the rest"
        for i in dice.sample(range(BLOCK_LINES), BLOCK_LINES // 100):
            lines[i] = b""
        lines[dice.randrange(BLOCK_LINES)] = b" ".join(dice.choices(pieces, k=dice.randint(100, 2_000)))
        lines.append(b"")
        yield b"\n".join(lines)


def write_wiki(path, size, seed=1):
    """Makes `path` with `size` bytes; its last line has no line end, as in many files of people."""
    dice = random.Random(seed)
    source = blocks(dice, phrases(dice, max(2_000, min(60_000, size // 200))))
    with open(path, "wb") as file:
        left = size
        while left > 0:
            block = next(source)[:left]
            left -= file.write(block)
