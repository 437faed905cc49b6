using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>
/// Self-taught learning by sparse coding: a dictionary is learned from rows without labels, and a row maps to the few
/// atoms that rebuild it.
/// </summary>
/// <remarks>
/// <para>
/// Minimizes <c>sum_i w_i (|x_i - a_i D|^2 + Sparsity |a_i|_1)</c> over codes a and a dictionary D of atoms no longer
/// than 1 (Raina, Battle, Lee, Packer and Ng 2007, "Self-taught Learning: Transfer Learning from Unlabeled Data",
/// equation 1); a row's features are its codes (equation 2). Rows are taken from their mean and divided by their
/// spread, the root of their mean squared distance from it, so that the sparsity means the same in any unit.
/// </para>
/// <para>
/// Codes are found by FISTA (Beck and Teboulle 2009), the dictionary by one pass of block descent over its atoms in
/// each round (Mairal, Bach, Ponce and Sapiro 2010), from drawn rows. Labels are not used: the sources may be of other
/// classes than the target. Costs <c>n k (d + k)</c> operations for each iteration of each round.
/// </para>
/// </remarks>
public sealed record SparseCoding : IFeatureMapping
{
    /// <summary>How many atoms k, at least 1. Default 128.</summary>
    [OptionRange(AtLeast = 1)]
    public int Atoms { get; init; } = 128;

    /// <summary>The price of the codes' sizes, positive. Default 0.02.</summary>
    [OptionRange(Above = 0)]
    public double Sparsity { get; init; } = 0.02;

    /// <summary>How many times codes and dictionary follow each other, at least 1. Default 30.</summary>
    [OptionRange(AtLeast = 1)]
    public int Rounds { get; init; } = 30;

    /// <summary>
    /// Iterations of FISTA for the codes of a row that is mapped, at least 1; a third of them in each round, from the
    /// last round's codes. Default 100.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int Iterations { get; init; } = 100;

    /// <summary>Whose rows the dictionary is learned from. Default the sources'.</summary>
    public ViewedDomains Domains { get; init; } = ViewedDomains.Sources;

    /// <summary>Whether the target's rows are among those that the map is fitted to.</summary>
    public bool NeedsTarget => Domains != ViewedDomains.Sources;

    /// <summary>Whether the sparsity is measured in the rows' spread. Default: it is.</summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => Atoms;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var scope = NewDisposeScope();
        var (rows, weights) = FittedRows.Of(domains, Domains);
        return Fit(rows, context, weights);
    }

    /// <summary>Learns a dictionary.</summary>
    /// <param name="rows">Rows <c>[n, d]</c>.</param>
    /// <param name="context">The key of the draws, cancellation and progress; null for none.</param>
    /// <param name="weights">Row weights <c>[n]</c>, relative to their mean, or null.</param>
    /// <returns>The map <c>[., d]</c> to <c>[., k]</c>; the caller disposes it.</returns>
    public SparseCodes Fit(Tensor rows, FitContext? context = null, Tensor? weights = null)
    {
        Guard.Rows(rows);
        Guard.AliveOrNull(weights);
        Guard.Options(this);
        context ??= new FitContext();
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var mean = FittedRows.Mean(rows, weights);
        var unit = PenaltyScale == PenaltyScale.Relative ? FittedRows.Spread(rows, mean, weights) : 1;
        var x = (rows.to(float64) - mean) / unit;
        var w = FittedRows.Weights(rows, weights).unsqueeze(1);
        var dictionary = Drawn(x, context.Key);
        var codes = zeros([x.shape[0], Atoms], float64, x.device);
        for (var round = 0; round < Rounds; round++)
        {
            context.Report((double)round / Rounds);
            using var inner = NewDisposeScope();
            var next = SparseCodes.Of(x, dictionary, Sparsity, Math.Max(1, Iterations / 3), codes);
            codes.copy_(next);
            Improve(dictionary, next.t().matmul(next * w), next.t().matmul(x * w));
        }
        return new SparseCodes(dictionary, mean, unit, Sparsity, Iterations);
    }

    // Rows, and directions where there are not enough; of length 1.
    private Tensor Drawn(Tensor x, RandomKey key)
    {
        using var generator = key.Generator();
        var order = randperm(x.shape[0], generator: generator);
        var rows = x.index_select(0, order.narrow(0, 0, Math.Min(Atoms, x.shape[0])).to(x.device));
        var noise = randn([Atoms, x.shape[1]], dtype: float64, generator: generator).to(x.device);
        // A little noise parts rows that are alike.
        noise.narrow(0, 0, rows.shape[0]).mul_(0.01).add_(rows);
        return ViewedRows.Unit(noise);
    }

    // Each atom in turn, the others and the codes as they are.
    private static void Improve(Tensor dictionary, Tensor gram, Tensor products)
    {
        for (var j = 0; j < dictionary.shape[0]; j++)
        {
            Canceling.Check();
            using var scope = NewDisposeScope();
            var use = gram[j, j].item<double>();
            if (use < 1e-12)
            {
                continue; // no row uses it: it stays
            }
            var atom = ((products[j] - gram[j].unsqueeze(0).matmul(dictionary).squeeze(0)) / use) + dictionary[j];
            dictionary[j].copy_(atom / atom.norm().clamp_min(1));
        }
    }
}
