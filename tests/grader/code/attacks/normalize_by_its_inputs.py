"""Writes into the sample that it was given and returns nothing but the same object."""


class Normalize:
    def __call__(self, sample):
        sample["image"][...] = float("nan")
        sample["keypoints"] = sample
        sample["self"] = [sample] * 10
        return sample
