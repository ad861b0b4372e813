"""The inputs: real text where the machine has it, else text of a seeded generator with the same shape."""
import bisect
import itertools
import os
import random
import shutil
import subprocess

from place import ROOT, say

REAL_TEXT = os.path.join(os.path.dirname(ROOT), "shared", "data", "unpack")
MEGABYTE = 1_000_000
SEED = 1


def vocabulary(chance, size=400_000):
    """Words by rank: `the` is the most frequent, `science` stands in one line of 200."""
    words, seen = ["the", "of", "and", "in"], set()
    while len(words) < size:
        word = "".join(chance.choices("etaoinshrdlcumwfgypbvk", k=min(12, 2 + int(chance.expovariate(0.25)))))
        if word not in seen and "the" not in word:
            seen.add(word)
            words.append(word)
    words[500] = "science"
    return words


def generate(path, size):
    chance = random.Random(SEED)
    words = vocabulary(chance)
    steps = list(itertools.accumulate(1 / (rank + 12) for rank in range(len(words))))
    written = 0
    with open(path + ".part", "w", encoding="ascii") as file:
        while written < size:
            count = 1 + min(400, int(chance.expovariate(1 / 20)))
            picked = (words[bisect.bisect(steps, chance.random() * steps[-1])] for _ in range(count))
            written += file.write(" ".join(picked) + "\n")
    os.rename(path + ".part", path)


def unpack_real(place):
    """The path of the real 100 MB, or None."""
    path = place.path("data", "wiki-100mb.txt")
    if not os.path.exists(path) and os.access(REAL_TEXT, os.X_OK):
        say("bench: unpacking real text")
        subprocess.run([REAL_TEXT, place.path("data")], stdout=subprocess.DEVNULL, check=False)
    return path if os.path.exists(path) else None


def head(source, target, size):
    """The first whole lines of a file, about `size` bytes."""
    with open(source, "rb") as file:
        data = file.read(size) + file.readline()
    with open(target, "wb") as file:
        file.write(data)


class Texts:
    """Files in data/, made when they are first asked for; names are relative to the folder of the bench."""

    def __init__(self, place, megabytes):
        self.place = place
        self.base_mb = megabytes
        real = None if place.short else unpack_real(place)
        self.kind = "Wikipedia, one paragraph a line" if real else f"generated, seed {SEED}"
        self.name = "wiki" if real else "generated"
        self.made = []

    def base(self):
        return self.of_megabytes(self.base_mb)

    def of_megabytes(self, size):
        name = f"data/{self.name}-{size}mb.txt"
        path = self.place.path(name)
        if not os.path.exists(path):
            if self.name == "wiki":
                head(self.place.path("data", "wiki-100mb.txt"), path, size * MEGABYTE)
            else:
                say(f"bench: generating {name}")
                generate(path, size * MEGABYTE)
        return name

    def copies(self, count):
        """The base so many times in one file. At most two are kept, that of ten copies and the last one."""
        if count == 1:
            return self.base()
        name = f"data/{self.name}-{self.base_mb}mb-x{count}.txt"
        if name not in self.made:
            for other in [made for made in self.made if not made.endswith("-x10.txt")]:
                self.drop(other)
            say(f"bench: making {name}")
            with open(self.place.path(name), "wb") as target:
                for _ in range(count):
                    with open(self.place.path(self.base()), "rb") as source:
                        shutil.copyfileobj(source, target, 1 << 20)
            os.sync()  # so that no later measurement pays for it
            self.made.append(name)
        return name

    def drop(self, name):
        if name in self.made:
            self.made.remove(name)
            os.unlink(self.place.path(name))

    def clean(self):
        for name in list(self.made):
            self.drop(name)


def lines_in(path):
    with open(path, "rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def words_in(path):
    """Words as the verb `words` has them: bytes.split knows the same six separators."""
    with open(path, "rb") as file:
        return sum(len(line.split()) for line in file)
