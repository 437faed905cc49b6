using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Class proportions and labels from several sources.</summary>
public sealed class JointClassProportionOptimalTransportTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // ot.da.jcpot_barycenter of Python Optimal Transport 0.8.2 (reg 0.3, to 1e-15), shares from its plans by the
    // paper's sum.
    [Fact]
    public void Check_RegularizationIsZero_SaysSoBeforeAnythingIsComputed()
    {
        var chain = new AdaptationBuilder().Add(new JointClassProportionOptimalTransport { Regularization = 0 });

        var error = Assert.Throws<InvalidAdaptationException>(() =>
            chain.Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels())
        );

        Assert.Contains("Regularization must", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Propagate_TwoSources_GivesThePeersProportionsAndPlans()
    {
        var transport = new JointClassProportionOptimalTransport { Regularization = 0.3, Tolerance = 1e-13 };

        var (proportions, labels) = transport.Propagate(Sources(), FormulaRows.Target());

        Near(proportions, tensor(new[] { 0.424672249487, 0.249941916385, 0.325385834128 }), 1e-9);
        Near(
            labels.narrow(0, 0, 2),
            tensor(
                new[,]
                {
                    { 0.420082555169, 0.228241877519, 0.351675567313 },
                    { 0.294446947409, 0.134471377565, 0.571081675026 },
                }
            ),
            1e-9
        );
        Near(labels.mean([0L]), proportions, 1e-9); // the target's rows weigh alike
    }

    [Fact]
    public void Propagate_OfCostsInOtherUnits_IsTheSameWhenNormalized()
    {
        var (sources, target) = (Sources(), FormulaRows.Target());
        var transport = new JointClassProportionOptimalTransport { Regularization = 0.05, NormalizesCost = true };

        var (small, _) = transport.Propagate(sources, target);
        var (large, _) = transport.Propagate(
            [.. sources.Select(source => source.WithInputs(source.Inputs * 1000))],
            target * 1000
        );

        Near(small, large, 1e-8);
    }

    [Fact]
    public void Propagate_RowsOfNoWeightOrAClassNobodyHas_LeavesThemOut()
    {
        var (sources, target) = (Sources(), FormulaRows.Target());
        var transport = new JointClassProportionOptimalTransport { Regularization = 0.3 };
        var (without, _) = transport.Propagate([Rows(sources[0], 0, 12, LabelSpace.Classes(3)), sources[1]], target);
        var weights = cat([ones(12, dtype: float64), zeros(2, dtype: float64)]);
        var wide = LabelSpace.Classes(5);

        var (found, labels) = transport.Propagate(
            [new LabeledDomain(sources[0].Inputs, sources[0].Labels, weights, wide), Rows(sources[1], 0, 17, wide)],
            target
        );

        Near(found.narrow(0, 0, 3), without, 1e-9);
        Assert.Equal(0, found.narrow(0, 3, 2).sum().item<double>());
        Near(labels.sum(1), ones(11, dtype: float64), 1e-9);
    }

    [Fact]
    public void Propagate_OfFaultyInput_SaysWhatToDo()
    {
        var (sources, target) = (Sources(), FormulaRows.Target());
        var lacking = Rows(sources[1], 0, 13, LabelSpace.Classes(3));
        var transport = new JointClassProportionOptimalTransport();
        var fault = Assert.Throws<ArgumentException>(() => transport.Propagate([sources[0], lacking], target));
        Assert.Equal("sources", fault.ParamName);
        Assert.Contains("[0, 1, 2] and [0, 1]", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => transport.Propagate([], target));
        Assert.Throws<InvalidOperationException>(() =>
            new JointClassProportionOptimalTransport { MaxRounds = 3, Regularization = 0.01 }.Propagate(sources, target)
        );
        Assert.ThrowsAny<OperationCanceledException>(() =>
            transport.Propagate(
                sources,
                target,
                new FitContext { Cancellation = new CancellationToken(canceled: true) }
            )
        );
    }

    // Two sources of deep features; the target keeps every row of the first five classes and a fifth of the others'.
    [LongFact]
    public void Propagate_ToWebcamOfOtherProportions_FindsThemAndReadsItBetterThanOnePlan()
    {
        const string File = "squeezenet512_acw.npz";
        var sources = new[] { OfficeImages.Domain(File, "amazon"), OfficeImages.Domain(File, "caltech") };
        var all = OfficeImages.Domain(File, "webcam");
        var kept = (all.Labels < 5).logical_or(arange(all.Count, dtype: int64).remainder(5).eq(0)).nonzero().squeeze(1);
        var target = new LabeledDomain(all.Inputs.index_select(0, kept), all.Labels.index_select(0, kept));
        var truth = nn.functional.one_hot(target.Labels, 10).to(float64).mean([0L]);
        double Accuracy(IAdaptationStage stage)
        {
            using var model = new AdaptationBuilder().Add(stage).Fit(sources, target.WithoutLabels());
            return OfficeImages.Accuracy(model, target);
        }
        double Missed(Tensor proportions) => (proportions - truth).abs().sum().item<double>();

        var transport = new JointClassProportionOptimalTransport { Regularization = 0.01, NormalizesCost = true };
        var (proportions, _) = transport.Propagate(sources, target.Inputs);
        var ofSources = sources.Select(s => nn.functional.one_hot(s.Labels, 10).to(float64).mean([0L])).ToArray();
        var joint = Accuracy(transport);
        var plain = Accuracy(
            new TransportLabelPropagation(solver: new EntropicTransport(0.01)) { NormalizesCost = true }
        );
        var nearest = Accuracy(new TransportLabelPropagation());

        var (found, before) = (Missed(proportions), Missed((ofSources[0] + ofSources[1]) / 2));
        output.WriteLine(
            $"proportions {before:F2} to {found:F2}; accuracy {joint:F1} ({plain:F1}, exact {nearest:F1})"
        );
        Assert.True(found < before - 0.1, $"{found} of {before}");
        Assert.True(joint > plain + 4, $"{joint} of {plain}");
    }

    public void Dispose() => scope.Dispose();

    private static LabeledDomain[] Sources()
    {
        var second = (FormulaRows.Column(17, 0.9) + (FormulaRows.Features() * 1.1)).cos();
        var place = arange(17, dtype: int64);
        return
        [
            new LabeledDomain(FormulaRows.Source(), arange(14, dtype: int64).remainder(3)),
            new LabeledDomain(second, place.ge(9).to(int64) + place.ge(13).to(int64)),
        ];
    }

    private static LabeledDomain Rows(LabeledDomain domain, long start, long count, LabelSpace space) =>
        new(domain.Inputs.narrow(0, start, count), domain.Labels.narrow(0, start, count), space: space);

    private static void Near(Tensor found, Tensor expected, double tolerance)
    {
        var missed = (found - expected).abs().max().item<double>();
        Assert.True(missed < tolerance, $"missed by {missed}");
    }
}
