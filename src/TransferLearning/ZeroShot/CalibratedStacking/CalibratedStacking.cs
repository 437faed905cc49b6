using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// Calibrated stacking: a zero-shot learner whose penalty on seen classes is chosen so that rows may be of seen and of
/// unseen classes.
/// </summary>
/// <remarks>
/// A row is of the class of largest <c>score(x, c) - gamma [c is seen]</c> (Chao, Changpinyo, Gong and Sha 2016, "An
/// Empirical Study and Analysis of Generalized Zero-Shot Learning for Object Recognition in the Wild", equation 4).
/// Gamma is chosen without a row of an unseen class: in each round some seen classes are held out as if they were
/// unseen, and some rows of the others; the learner is fitted to the rest, and gamma is of largest harmonic mean of the
/// two kinds' accuracies over the held-out rows of all rounds: in the middle of the penalties, from the least such one
/// to the next at which a row turns, between which nothing changes. 0 where no penalty does better. The last fit is to
/// all rows. Costs a fit for each round and one more.
/// </remarks>
/// <param name="Learner">The zero-shot learner; its own penalty is replaced.</param>
public sealed record CalibratedStacking(IZeroShotLearner Learner) : ILabelLearner
{
    /// <summary>The zero-shot learner.</summary>
    public IZeroShotLearner Learner { get; } = Learner ?? throw new ArgumentNullException(nameof(Learner));

    /// <summary>
    /// The share of the seen classes that a round holds out, above 0 and below 1; one class at least, and one stays.
    /// Default 0.3.
    /// </summary>
    [OptionRange(Above = 0, Below = 1)]
    public double HeldOutClasses { get; init; } = 0.3;

    /// <summary>
    /// The share of the other classes' rows that a round holds out, above 0 and below 1; one row of each class at least
    /// where it has two. Default 0.2.
    /// </summary>
    [OptionRange(Above = 0, Below = 1)]
    public double HeldOutRows { get; init; } = 0.2;

    /// <summary>How many rounds, at least 1. Default 3.</summary>
    [OptionRange(AtLeast = 1)]
    public int Rounds { get; init; } = 3;

    /// <summary>The seed of the draws. Default 0.</summary>
    public long Seed { get; init; }

    /// <inheritdoc />
    public ILabelPredictor Fit(LabeledDomain data) => Learner.WithSeenPenalty(Penalty(data)).Fit(data);

    /// <summary>The penalty that held-out classes ask for.</summary>
    /// <param name="data">Rows of the seen classes, of two at least.</param>
    /// <returns>Gamma, not negative.</returns>
    /// <exception cref="ArgumentException">
    /// The rows are of fewer than two classes, or no row can be held out.
    /// </exception>
    public double Penalty(LabeledDomain data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Guard.Rows(data.Inputs);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var generalized = Learner.WithSeenPenalty(0);
        var rows = SemanticRows.Of(generalized, data);
        if (rows.SeenClasses.shape[0] < 2)
        {
            throw new ArgumentException(
                "calibrated stacking holds out some of the seen classes and needs two at least; the rows are of one.",
                nameof(data)
            );
        }
        var (scores, labels, known) = (new List<Tensor>(), new List<Tensor>(), new List<Tensor>());
        for (var round = 0; round < Rounds; round++)
        {
            Canceling.Check();
            var (heldOut, classes) = Drawn(rows, new RandomKey(Seed).Child(round));
            var kept = heldOut.logical_not().nonzero().squeeze(1);
            var judged = heldOut.nonzero().squeeze(1);
            var fitted = generalized.Fit(
                new LabeledDomain(
                    data.Inputs.index_select(0, kept),
                    data.Labels.index_select(0, kept),
                    data.Weights?.index_select(0, kept),
                    data.Space
                )
            );
            using var owned = fitted as IDisposable;
            var all = fitted.Predict(data.Inputs.index_select(0, judged)).to(float64);
            scores.Add(all.index_select(1, rows.SeenClasses));
            labels.Add(rows.Labels.index_select(0, judged));
            known.Add(classes.logical_not());
        }
        return Best(scores, labels, known);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => SemanticRows.Faults(Learner.WithSeenPenalty(0), plan);

    // Which rows are held out, and which of the seen classes.
    private (Tensor Rows, Tensor Classes) Drawn(SemanticRows rows, RandomKey key)
    {
        var random = key.Random();
        var count = (int)rows.SeenClasses.shape[0];
        var most = Math.Clamp((int)Math.Round(HeldOutClasses * count), 1, count - 1);
        var order = Enumerable.Range(0, count).ToArray();
        random.Shuffle(order);
        var isHeldOut = new bool[count];
        Array.ForEach(order[..most], held => isHeldOut[held] = true);
        var labels = rows.Labels.cpu().data<long>().ToArray();
        var isOut = new bool[labels.Length];
        foreach (var ofClass in Enumerable.Range(0, labels.Length).GroupBy(i => labels[i]))
        {
            var members = ofClass.ToArray();
            random.Shuffle(members);
            var some = Math.Min(Math.Max(1, (int)(HeldOutRows * members.Length)), members.Length - 1);
            foreach (var i in isHeldOut[ofClass.Key] ? members : members[..some])
            {
                isOut[i] = true;
            }
        }
        return (tensor(isOut).to(rows.Labels.device), tensor(isHeldOut).to(rows.Labels.device));
    }

    // Rounds are put beside each other: each has its own classes.
    private static double Best(List<Tensor> scores, List<Tensor> labels, List<Tensor> known)
    {
        var z = known[0].shape[0];
        var wide = scores.Select(
            (own, round) =>
            {
                var row = full([own.shape[0], z * scores.Count], double.NegativeInfinity, float64, own.device);
                row.narrow(1, round * z, z).copy_(own);
                return row;
            }
        );
        var (gaps, seen, unseen) = GeneralizedAccuracy.Curve(
            cat([.. wide]),
            cat([.. labels.Select((own, round) => own + (round * z))]),
            cat([.. known])
        );
        // Entry k + 1 holds from the penalty gaps[k] on, entry 0 below all; a penalty is not negative.
        var (penalties, harmonic) = (gaps.clamp_min(0), 2 * seen * unseen / (seen + unseen).clamp_min(1e-300));
        var from = harmonic.narrow(0, 1, gaps.shape[0]);
        var best = from.masked_fill(gaps.lt(0), -1).argmax().item<long>();
        var ofNone = harmonic[gaps.lt(0).sum()].item<double>();
        if (ofNone >= from[best].item<double>() || gaps[best].item<double>() < 0)
        {
            return 0;
        }
        // Halfway to the next gap, so that the rows at this one have turned.
        var next = best + 1 < gaps.shape[0] ? penalties[best + 1].item<double>() : penalties[best].item<double>() + 1;
        return (penalties[best].item<double>() + next) / 2;
    }
}
