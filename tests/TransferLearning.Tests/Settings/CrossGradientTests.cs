using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

/// <summary>Rows moved across domains: CrossGrad.</summary>
public sealed class CrossGradientTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Move_OfSlopes_IsClampedAndScaled() =>
        Assert.True(
            CrossGradient
                .Move(tensor(new[] { -3f, -0.05f, 0, 0.02f, 0.4f }))
                .allclose(tensor(new[] { -1f, -0.5f, 0, 0.2f, 1 }))
        );

    // Linear networks, whose slopes are written down: of the cross-entropy (softmax(z) - y) W / n.
    [Fact]
    public void Evaluate_LinearNetworks_IsByTheirSlopes()
    {
        Toy.SeedModules(6);
        using var extractor = new ModulePart(() => nn.Identity());
        using var head = nn.Linear(4, 2);
        using var domains = nn.Linear(4, 2);
        var step = Toy.Step(extractor, head.AsPart(), sources: 2);
        var labels = new CrossGradient(domains.AsPart())
        {
            Epsilon = 8,
            Limit = 0.01,
            MovedShare = 0.3,
        };
        var rows = cat([.. step.Sources.Select(batch => batch.Inputs)]);
        var classes = cat([.. step.Sources.Select(batch => batch.Labels)]);
        var numbers = cat([.. step.Sources.Select((batch, k) => full(batch.Inputs.shape[0], k, int64))]);
        Tensor Moved(TorchSharp.Modules.Linear network, Tensor of)
        {
            var errors = network.call(rows).softmax(1) - nn.functional.one_hot(of, 2);
            return rows + ((errors.matmul(network.weight!) / rows.shape[0]).clamp(-0.01, 0.01) * 8);
        }
        Tensor Loss(TorchSharp.Modules.Linear network, Tensor at, Tensor of) =>
            nn.functional.cross_entropy(network.call(at), of);

        var ofLabels = labels.Evaluate(step);
        var ofDomains = new CrossGradientCritic(labels).Evaluate(step);

        Assert.Equal(
            (Loss(head, rows, classes) * 0.7 + Loss(head, Moved(domains, numbers), classes) * 0.3).item<float>(),
            ofLabels.item<float>(),
            1e-5
        );
        Assert.Equal(
            (Loss(domains, rows, numbers) * 0.7 + Loss(domains, Moved(head, classes), numbers) * 0.3).item<float>(),
            ofDomains.item<float>(),
            1e-5
        );
        // The changes are constants: no gradient reaches the other network.
        ofLabels.backward();
        Assert.Null(domains.weight!.grad);
        ofDomains.backward();
        Assert.NotNull(domains.weight!.grad);
    }

    [Fact]
    public void Evaluate_WithLabeledTargetRows_CountsThemAsOneMoreSourceThatIsNotMoved()
    {
        Toy.SeedModules(6);
        using var extractor = new ModulePart(() => nn.Identity());
        using var head = nn.Linear(4, 2);
        using var domains = nn.Linear(4, 2);
        var term = new CrossGradient(domains.AsPart());
        var step = Toy.Step(extractor, head.AsPart(), sources: 2);
        var few = step.Sources[0];
        var more = StepContext.For(
            new StepBatch(
                step.Sources,
                step.Target,
                new LabeledBatch(few.Inputs + 1, few.Labels, DomainId.Target, few.Rows, null, few.Space)
            ),
            extractor,
            head.AsPart()
        );

        var own = nn.functional.cross_entropy(head.call(few.Inputs + 1), few.Labels).item<float>();
        Assert.Equal(((2 * term.Evaluate(step).item<float>()) + own) / 3, term.Evaluate(more).item<float>(), 1e-5);
    }

    [Fact]
    public void Plan_OfOneSource_SaysWhatIsExpected()
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            Recipes
                .CrossGrad(Toy.Extractor(), Toy.Predictor(), new ModulePart(() => nn.Linear(4, 1)))
                .FitWithoutTarget([Toy.Source()])
        );
        Assert.Contains("give at least 2", fault.Message, StringComparison.Ordinal);
        var wrong = Assert.Throws<InvalidAdaptationException>(() =>
            Recipes
                .CrossGrad(Toy.Extractor(), Toy.Predictor(), new ModulePart(() => nn.Linear(4, 3)))
                .FitWithoutTarget(SourceRuns.Two())
        );
        Assert.Contains("one logit a source", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CrossGrad_StoppedAndResumed_EndsWithTheSameBits()
    {
        var (whole, resumed) = SourceRuns.StoppedAndResumed(net =>
        {
            Toy.SeedModules(3);
            net.MoveAcrossDomains(nn.Linear(4, 2), epsilon: 1);
        });
        Assert.Equal(whole, resumed);
    }

    [Fact]
    public void CrossGrad_OnTwoSources_ReadsADomainThatItHasNotSeen()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor(hasNormalization: true);
        using var predictor = Toy.Predictor();
        using var domains = new ModulePart(() => nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)));
        var unseen = Toy.LabeledTarget();
        var options = new FitOptions { Training = new TrainingOptions { Steps = 300 } };

        using var model = Recipes.CrossGrad(extractor, predictor, domains).FitWithoutTarget(SourceRuns.Two(), options);

        using var classes = model.PredictClasses(unseen.Inputs);
        Assert.True(Evaluation.AccuracyInterval.Of(classes, unseen.Labels).Value > 0.8);
    }

    public void Dispose() => scope.Dispose();
}
