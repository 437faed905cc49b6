using TransferLearning;
using static TorchSharp.torch;

namespace Evaluate.Data;

/// <summary>Parts and scalings of domains.</summary>
internal static class DomainRows
{
    /// <summary>
    /// Each row divided by its sum, then each feature standardized within the domain: what the field does with word
    /// counts.
    /// </summary>
    public static Tensor StandardizedShares(Tensor counts)
    {
        var shares = counts / counts.sum(1, keepdim: true);
        var spread = shares.std(0, unbiased: false);
        return (shares - shares.mean([0L])) / where(spread > 0, spread, ones_like(spread));
    }

    /// <summary>Rows of unit Euclidean length; a zero row stays zero.</summary>
    public static Tensor OfUnitLength(Tensor rows) => rows / rows.norm(1, keepdim: true).clamp_min(1e-30);

    /// <summary>The rows of a domain with the given numbers.</summary>
    public static LabeledDomain Some(this LabeledDomain domain, Tensor rows) =>
        new(domain.Inputs.index_select(0, rows), domain.Labels.index_select(0, rows), space: domain.Space);

    /// <summary>A task with a few labeled target rows, drawn by the seed; the others are the target.</summary>
    public static (LabeledDomain Few, LabeledDomain Others) Split(this LabeledDomain domain, long few, int seed)
    {
        using var generator = new RandomKey(seed).Generator();
        var order = randperm(domain.Count, generator: generator);
        return (domain.Some(order.narrow(0, 0, few)), domain.Some(order.narrow(0, few, domain.Count - few)));
    }

    /// <summary>Some rows of each class, drawn by the seed, and the others.</summary>
    /// <param name="domain">The domain; of every class it has more rows than are drawn.</param>
    /// <param name="few">How many of each class.</param>
    /// <param name="seed">Draws them.</param>
    public static (LabeledDomain Few, LabeledDomain Others) SplitByClass(this LabeledDomain domain, int few, int seed)
    {
        var ofClasses = Shuffled(domain, seed);
        return (
            domain.Some(tensor(ofClasses.SelectMany(rows => rows.Take(few)).ToArray())),
            domain.Some(tensor(ofClasses.SelectMany(rows => rows.Skip(few)).ToArray()))
        );
    }

    /// <summary>
    /// Ever fewer rows of each class: the first class keeps all of its own, class c <c>ratio^(-c / (C - 1))</c> times
    /// as many as the first one, at least one.
    /// </summary>
    /// <param name="domain">The domain, of about as many rows of every class.</param>
    /// <param name="ratio">How many times as many rows the first class has as the last one.</param>
    /// <param name="seed">Draws the rows that stay.</param>
    public static LabeledDomain Thinned(this LabeledDomain domain, double ratio, int seed)
    {
        var ofClasses = Shuffled(domain, seed);
        int Kept(int c) => (int)Math.Round(ofClasses[0].Length * Math.Pow(ratio, -c / (ofClasses.Count - 1.0)));
        return domain.Some(tensor(ofClasses.SelectMany((rows, c) => rows.Take(Math.Max(1, Kept(c)))).ToArray()));
    }

    private static List<long[]> Shuffled(LabeledDomain domain, int seed)
    {
        using var generator = new RandomKey(seed).Generator();
        long[] order = [.. randperm(domain.Count, generator: generator).data<long>()];
        var labels = domain.Labels.data<long>().ToArray();
        return
        [
            .. Enumerable.Range(0, (int)domain.Space.Width).Select(c => order.Where(row => labels[row] == c).ToArray()),
        ];
    }
}
