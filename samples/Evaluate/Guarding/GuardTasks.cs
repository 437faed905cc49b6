using Evaluate.Data;
using Evaluate.Tables;
using TransferLearning;
using static TorchSharp.torch;

namespace Evaluate.Guarding;

/// <summary>Pairs of domains as they are, and so changed that adaptation is of little use or does harm.</summary>
internal static class GuardTasks
{
    private const int Rows = 400;

    /// <summary>What is done to a pair.</summary>
    private static readonly (
        string Name,
        Func<LabeledDomain, LabeledDomain, (LabeledDomain, LabeledDomain)> Change
    )[] Kinds =
    [
        ("as it is", (source, target) => (source, target)),
        ("shares", (source, target) => (source, Kept(target, 0.1))),
        ("half of the classes", (source, target) => (source, Kept(target, 0))),
        ("disjoint supports", Apart),
        ("labels shuffled", (source, target) => (Shuffled(source), target)),
    ];

    /// <summary>Eight pairs, each in five kinds; rules are chosen on four pairs and judged on the other four.</summary>
    public static IReadOnlyList<GuardTask> All(string data)
    {
        var digits = new LabeledArchive(Path.Combine(data, "digits", "mnist2000_usps1800_16x16.npz"), classes: 10);
        var image = PacsFeatures.Reader(data);
        LabeledDomain Digit(string name) => digits.Features(name, PacsFeatures.Scaled);
        (string Name, bool IsDevelopment, Func<LabeledDomain> Source, Func<LabeledDomain> Target)[] pairs =
        [
            ("P to A", true, () => image("photo"), () => image("art")),
            ("P to C", true, () => image("photo"), () => image("cartoon")),
            ("A to P", true, () => image("art"), () => image("photo")),
            ("MNIST to USPS", true, () => Digit("mnist"), () => Digit("usps")),
            ("A to C", false, () => image("art"), () => image("cartoon")),
            ("C to A", false, () => image("cartoon"), () => image("art")),
            ("C to P", false, () => image("cartoon"), () => image("photo")),
            ("USPS to MNIST", false, () => Digit("usps"), () => Digit("mnist")),
        ];
        return
        [
            .. from pair in pairs
            from kind in Kinds
            select new GuardTask(
                pair.Name,
                kind.Name,
                pair.IsDevelopment,
                () => kind.Change(Some(pair.Source(), 1), Some(pair.Target(), 2))
            ),
        ];
    }

    private static LabeledDomain Some(LabeledDomain domain, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        return domain.Some(randperm(domain.Count, generator: generator).narrow(0, 0, Math.Min(Rows, domain.Count)));
    }

    /// <summary>Of the upper half of the classes only a share of the rows is left.</summary>
    private static LabeledDomain Kept(LabeledDomain domain, double share)
    {
        using var generator = new RandomKey(3).Generator();
        var isLower = domain.Labels.lt(domain.Space.Width / 2);
        var isKept = rand([domain.Count], generator: generator).lt(share);
        return domain.Some(isLower.logical_or(isKept).nonzero().squeeze(1));
    }

    /// <summary>
    /// Along the first principal direction within the domains the source keeps its rows below its median, the target
    /// its rows above its own.
    /// </summary>
    private static (LabeledDomain Source, LabeledDomain Target) Apart(LabeledDomain source, LabeledDomain target)
    {
        using var scope = NewDisposeScope();
        var (ofSource, ofTarget) = (Centered(source), Centered(target));
        var (_, directions) = linalg.eigh(ofSource.t().mm(ofSource) + ofTarget.t().mm(ofTarget));
        var along = directions.select(1, directions.shape[1] - 1);
        var (first, second) = (ofSource.mv(along), ofTarget.mv(along));
        return (Part(source, first.le(first.median())), Part(target, second.gt(second.median())));
    }

    private static Tensor Centered(LabeledDomain domain)
    {
        var rows = domain.Inputs.to(ScalarType.Float64);
        return rows - rows.mean([0L]);
    }

    private static LabeledDomain Part(LabeledDomain domain, Tensor isKept)
    {
        var rows = isKept.nonzero().squeeze(1);
        return new LabeledDomain(
            domain.Inputs.index_select(0, rows).MoveToOuterDisposeScope(),
            domain.Labels.index_select(0, rows).MoveToOuterDisposeScope(),
            space: domain.Space
        );
    }

    private static LabeledDomain Shuffled(LabeledDomain domain)
    {
        using var generator = new RandomKey(4).Generator();
        var order = randperm(domain.Count, generator: generator);
        return new LabeledDomain(domain.Inputs, domain.Labels.index_select(0, order), space: domain.Space);
    }
}
