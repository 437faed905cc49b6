using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// WANN: a network learns weights of source rows against an opponent that seeks where weighted source and labeled
/// target rows disagree, while another one learns the values under them.
/// </summary>
/// <remarks>
/// <para>
/// With <c>L_w(h) = mean_i w(x_i) (h(x_i) - y_i)^2</c> over the source and <c>L_t(h)</c> the same of the labeled target
/// rows, unweighted: minimizes over h and w, and maximizes over the opponent g,
/// <c>L_w(h) + beta L_t(h) + L_t(g) - L_w(g)</c>, whose end is the Y-discrepancy. One Adam step of all three at a time;
/// then each unit's incoming weights and each layer's biases are shortened to a norm of <see cref="Bound"/>, which
/// keeps the opponent's gain finite (de Mathelin, Richard, Deheeger, Mougeot and Vayatis 2021, "Adversarial Weighting
/// for Domain Adaptation in Regression").
/// </para>
/// <para>
/// Beta is 0, as in the last revision of the authors' program and in ADAPT; its first versions had 1, and squared the
/// discrepancy. Where we differ: that program's weights are <c>relu(net(x))</c>, ours <c>|net(x)|</c>, as in ADAPT, and
/// begin at exactly 1 without a training of their own. Rows and values are scaled to mean 0 and variance 1 over source
/// and target, so that one bound fits all units. Networks have one hidden layer and the rows' dtype. Weights of the
/// rows that are given, of mean 1, multiply their errors. The same seed gives the same result. Costs
/// <c>6 b Width (d + k)</c> a step of b rows.
/// </para>
/// </remarks>
public sealed record WeightingAdversarialNetwork : IAdaptationStage
{
    /// <summary>The width of the networks' hidden layers. Default 100, the authors'.</summary>
    [OptionRange(AtLeast = 1)]
    public int Width { get; init; } = 100;

    /// <summary>The largest norm in the task network and the opponent. Default 1, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double Bound { get; init; } = 1;

    /// <summary>The largest norm in the weights' network; a low one gives smoother weights. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double WeightBound { get; init; } = 1;

    /// <summary>
    /// The factor beta of the target rows' own error in the task network's loss, not negative. Default 0: it learns
    /// from the weighted source alone.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double TargetWeight { get; init; }

    /// <summary>How many steps are taken. Default 2000.</summary>
    [OptionRange(AtLeast = 1)]
    public int Steps { get; init; } = 2000;

    /// <summary>How many rows of each domain a step sees, at most. Default 128.</summary>
    [OptionRange(AtLeast = 1)]
    public int BatchSize { get; init; } = 128;

    /// <summary>Adam's learning rate. Default 0.001.</summary>
    [OptionRange(Above = 0)]
    public double LearningRate { get; init; } = 0.001;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RowChecks.Vectors(plan);
        return RegressionErrors.Plan(plan);
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var embedded = state.Embedded();
        var domains = embedded.Domains;
        var regressor = run.Fitted(
            "regressor",
            () => Fit(domains.PooledSources(), domains.LabeledTarget!, run.Context)
        );
        return embedded.With(null, regressor);
    }

    /// <summary>Plays the game on a source and a few labeled target rows.</summary>
    /// <param name="source">Source rows <c>[n, d]</c> with values.</param>
    /// <param name="target">Labeled target rows <c>[m, d]</c>, likewise.</param>
    /// <param name="context">Randomness, cancellation and progress; null for seed 0.</param>
    /// <returns>The predictor with the weights; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">
    /// Labels are classes, or the domains' rows or values differ in width.
    /// </exception>
    public AdversarialRegressor Fit(LabeledDomain source, LabeledDomain target, FitContext? context = null)
    {
        RegressionErrors.Check(source, target);
        Guard.Options(this);
        var run = context ?? new FitContext();
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var recording = new Recording();
        var type = source.Inputs.dtype;
        var rows = Scale(cat([source.Inputs, target.Inputs]));
        var values = Scale(cat([LabelTargets.Of(source, float64), LabelTargets.Of(target, float64)]));
        GameRows Scaled(LabeledDomain data) =>
            new(
                ((data.Inputs.detach().to(float64) - rows.Center) / rows.Spread).to(type),
                ((LabelTargets.Of(data, float64).detach() - values.Center) / values.Spread).to(type),
                data.Weights is null ? null : RelativeWeights.Of(data).to(type)
            );
        var (from, to) = (Scaled(source), Scaled(target));
        BoundedNetwork Network(long outputs, int number) =>
            BoundedNetwork.Random(from.Inputs, Width, outputs, run.Key.Child(0).Child(number));
        var (task, opponent) = (Network(from.Values.shape[1], 0), Network(from.Values.shape[1], 1));
        var weights = Network(1, 2).StartingAt(1);
        using var game = new WeightingGame(task, weights, opponent, LearningRate)
        {
            Bound = Bound,
            WeightBound = WeightBound,
            TargetWeight = TargetWeight,
        };
        for (var step = 0; step < Steps; step++)
        {
            run.Report((double)step / Steps);
            using var stepScope = NewDisposeScope();
            var key = run.Key.Child(1).Child(step);
            game.Step(from.Batch(BatchSize, key.Child(0)), to.Batch(BatchSize, key.Child(1)));
        }
        return new AdversarialRegressor(task, weights, rows, values);
    }

    // Columns that never change, but for rounding, are only centered.
    private static (Tensor Center, Tensor Spread) Scale(Tensor given)
    {
        var all = given.detach().to(float64);
        var center = all.mean([0L], keepdim: true);
        var spread = (all - center).square().mean([0L], keepdim: true).sqrt();
        return (center, where(spread.gt(1e-7 * center.abs()), spread, ones_like(spread)));
    }
}
