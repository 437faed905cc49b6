using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.SystemLibTorch.Tests.Modules;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibTorch.Tests.Optim;

/// <summary>Optimisers against PyTorch 1.13.1's parameters after five steps, one of which leaves a parameter without gradient.</summary>
public sealed class OptimizerTests
{
    public static TheoryData<string, double[]> Runs =>
        new()
        {
            { "SGD", [5.7908140472025575, -1.8211028325717915, 0.21791905031201356, 0.4112779751635716, 12.0] },
            {
                "SGD momentum",
                [1.2154479865683525, -1.9864315879986445, 0.09641338463276486, -0.028746075640292978, 12.0]
            },
            {
                "SGD dampening",
                [1.6293821092759495, -2.1888133881392746, 0.11988763871303014, 0.020505771826308285, 12.0]
            },
            {
                "SGD nesterov",
                [3.0170116701540053, 1.5452095346148782, 0.05136041729536802, -0.03907654806442335, 12.0]
            },
            { "SGD maximize", [16.226788134030866, -3.1053221082632385, 0.4567929123894612, 5.931526484418314, 12.0] },
            { "Adam", [3.7526671724202023, -1.480035657608736, -0.1178975530048045, 0.34715523410184856, 12.0] },
            { "Adam options", [5.926040378580509, -1.5805787609129045, 0.05874198339691639, 0.523712378259458, 12.0] },
            { "Adam amsgrad", [10.813945499036588, -1.877769559654224, 0.7949209650977277, 1.1127146071962024, 12.0] },
            { "AdamW", [3.172604373875728, -1.3054843151023425, -0.12021786427055772, 0.309074003779749, 12.0] },
            { "AdamW amsgrad", [9.210032097101546, -1.6132549856257512, 0.5384775422192815, 0.9031662750350692, 12.0] },
            { "RMSProp", [1.473770036672175, 0.6161800581508109, -0.004162720783950193, 0.1821745768173902, 12.0] },
            {
                "RMSProp centered",
                [11.83551753175633, -1.3208677218789826, 1.5097299594915892, 1.6994069482662046, 12.0]
            },
            { "Adagrad", [2.6735528806337046, -1.0071453648018787, 0.001589410480204914, 0.37095517450344523, 12.0] },
            {
                "Adagrad options",
                [4.373947397116838, -1.9188726905794105, 0.10954206341055105, 0.39641296506458246, 12.0]
            },
        };

    [Theory]
    [MemberData(nameof(Runs))]
    public void Step_FiveTimes_ReachesThePeersParameters(string optimizer, double[] expected)
    {
        using var scope = NewDisposeScope();
        var problem = new Problem();
        using var moving = Make(optimizer, problem.Parameters);

        problem.Run(moving, 0, 5);

        Sample.AssertClose(expected, Sample.Digest(problem.Joined()));
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void LoadStateDict_OfASavedStream_ResumesBitEqual(string optimizer, double[] expected)
    {
        using var scope = NewDisposeScope();
        var problem = new Problem();
        using var first = Make(optimizer, problem.Parameters);
        problem.Run(first, 0, 3);
        using var stream = new MemoryStream();
        first.save_state_dict(new BinaryWriter(stream));
        var copy = problem.Copy();
        using var second = Make(optimizer, copy.Parameters);
        stream.Position = 0;

        using (NewDisposeScope())
        {
            second.load_state_dict(new BinaryReader(stream));
        }
        problem.Run(first, 3, 2);
        copy.Run(second, 3, 2);

        Assert.Equal(Sample.Values(problem.Joined()), Sample.Values(copy.Joined()));
        Sample.AssertClose(expected, Sample.Digest(copy.Joined()));
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void StateDict_GivenToAnother_CarriesOnToThePeersParameters(string optimizer, double[] expected)
    {
        using var scope = NewDisposeScope();
        var problem = new Problem();
        using var first = Make(optimizer, problem.Parameters);
        problem.Run(first, 0, 3);
        var copy = problem.Copy();
        using var second = Make(optimizer, copy.Parameters);

        second.load_state_dict(first.state_dict());
        copy.Run(second, 3, 2);

        Sample.AssertClose(expected, Sample.Digest(copy.Joined()));
    }

    [Fact]
    public void LoadStateDict_OfAnotherClass_IsRefused()
    {
        using var scope = NewDisposeScope();
        var problem = new Problem();
        using var stream = new MemoryStream();
        using var sgd = optim.SGD(problem.Parameters, 0.1);
        using var adam = optim.Adam(problem.Parameters, 0.1);
        sgd.save_state_dict(new BinaryWriter(stream));
        stream.Position = 0;

        Assert.Throws<InvalidDataException>(() => adam.load_state_dict(new BinaryReader(stream)));
    }

    [Fact]
    public void LoadStateDict_OfFewerParameters_IsRefused()
    {
        using var scope = NewDisposeScope();
        var problem = new Problem();
        using var stream = new MemoryStream();
        using var one = optim.Adam(problem.Parameters[..1], 0.1);
        using var all = optim.Adam(problem.Parameters, 0.1);
        one.save_state_dict(new BinaryWriter(stream));
        stream.Position = 0;

        Assert.Throws<ArgumentException>(() => all.load_state_dict(new BinaryReader(stream)));
    }

    [Fact]
    public void SaveStateDict_OfMomentum_WritesTheOriginalsBytes()
    {
        using var scope = NewDisposeScope();
        var parameter = nn.Parameter(tensor(new float[] { 1, 2 }));
        using var sgd = optim.SGD([parameter], 0.5, momentum: 0.25);
        parameter.sum().backward();
        sgd.step();
        using var stream = new MemoryStream();

        sgd.save_state_dict(new BinaryWriter(stream));

        using var expected = new MemoryStream();
        var writer = new BinaryWriter(expected);
        writer.Write("SGD");
        writer.Write((byte)1); // groups
        writer.Write((byte)1); // parameters
        foreach (var number in new[] { 0.5, 0.5, 0.25, 0, 0 })
        {
            writer.Write(number); // initial and present rate, momentum, dampening, weight decay
        }
        writer.Write(false); // nesterov
        writer.Write(false); // maximize
        writer.Write(true); // there is a momentum buffer
        writer.Write((byte)6); // float32
        writer.Write((byte)1); // dimensions
        writer.Write((byte)2);
        writer.Write(1f);
        writer.Write(1f);
        Assert.Equal(expected.ToArray(), stream.ToArray());
    }

    [Fact]
    public void Step_WithClosure_EvaluatesItWithGradientsAndReturnsTheLoss()
    {
        using var scope = NewDisposeScope();
        var parameter = nn.Parameter(tensor(new double[] { 3 }));
        using var sgd = optim.SGD([parameter], 0.1);

        using var withoutGradient = no_grad();
        var loss = sgd.step(() =>
        {
            var squared = parameter.square().sum();
            squared.backward();
            return squared;
        });

        Assert.Equal(9, loss.item<double>());
        Assert.Equal([2.4], Sample.Values(parameter), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Step_WithGroupsOfTheirOwnRates_MovesEachByItsRate()
    {
        using var scope = NewDisposeScope();
        var slow = nn.Parameter(ones(1, dtype: float64));
        var fast = nn.Parameter(ones(1, dtype: float64));
        using var sgd = optim.SGD(
            new SGD.ParamGroup[]
            {
                new() { Parameters = [slow] },
                new([fast], new SGD.Options { LearningRate = 0.5 }),
            },
            0.1
        );
        slow.add(fast).sum().backward();

        sgd.step();

        Assert.Equal(0.9, slow.item<double>(), 12);
        Assert.Equal(0.5, fast.item<double>(), 12);
        Assert.Equal([0.1, 0.5], sgd.ParamGroups.Select(group => group.LearningRate));
    }

    [Fact]
    public void AddParamGroup_AfterSteps_MovesTheNewParametersToo()
    {
        using var scope = NewDisposeScope();
        var first = nn.Parameter(ones(1, dtype: float64));
        var second = nn.Parameter(ones(1, dtype: float64));
        using var adam = optim.Adam([first], 0.1);
        adam.add_param_group(new Adam.ParamGroup { Parameters = [second] });
        first.add(second).sum().backward();

        adam.step();

        Assert.Equal(0.9, second.item<double>(), 6);
        Assert.Equal(2, adam.parameters().Count());
    }

    [Fact]
    public void ZeroGrad_OfTheOptimizer_FillsZerosAndKeepsTheGradient()
    {
        using var scope = NewDisposeScope();
        var parameter = nn.Parameter(ones(2, dtype: float64));
        using var sgd = optim.SGD([parameter], 0.1);
        parameter.sum().backward();

        sgd.zero_grad();

        Assert.Equal([0, 0], Sample.Values(parameter.grad!));
    }

    [Fact]
    public void Constructor_WithBadSettings_IsRefused()
    {
        using var scope = NewDisposeScope();
        var parameter = nn.Parameter(ones(2));

        Assert.ThrowsAny<ArgumentException>(() => optim.SGD([parameter], -0.1));
        Assert.ThrowsAny<ArgumentException>(() => optim.SGD([parameter], 0.1, nesterov: true));
        Assert.ThrowsAny<ArgumentException>(() => optim.Adam([parameter], 0.1, beta1: 1));
    }

    [Fact]
    public void Step_ManyTimes_KeepsTheNumberOfTensors()
    {
        using var scope = NewDisposeScope();
        var problem = new Problem();
        using var adam = optim.Adam(problem.Parameters, 0.1, weight_decay: 0.1, amsgrad: true);
        problem.Run(adam, 0, 3);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        problem.Run(adam, 0, 5);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static OptimizerHelper Make(string optimizer, Parameter[] p) =>
        optimizer switch
        {
            "SGD" => optim.SGD(p, 0.1),
            "SGD momentum" => optim.SGD(p, 0.1, momentum: 0.9),
            "SGD dampening" => optim.SGD(p, 0.1, momentum: 0.9, dampening: 0.3, weight_decay: 0.05),
            "SGD nesterov" => optim.SGD(p, 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.05),
            "SGD maximize" => optim.SGD(p, 0.1, momentum: 0.5, maximize: true),
            "Adam" => optim.Adam(p, 0.1),
            "Adam options" => optim.Adam(p, 0.05, 0.8, 0.95, 1e-4, 0.1),
            "Adam amsgrad" => optim.Adam(p, 0.1, amsgrad: true, maximize: true),
            "AdamW" => optim.AdamW(p, 0.1, weight_decay: 0.2),
            "AdamW amsgrad" => optim.AdamW(p, 0.05, 0.8, 0.95, weight_decay: 0.1, amsgrad: true, maximize: true),
            "RMSProp" => optim.RMSProp(p, 0.05),
            "RMSProp centered" => optim.RMSProp(p, 0.05, 0.9, 1e-5, 0.1, 0.5, centered: true, maximize: true),
            "Adagrad" => optim.Adagrad(p, 0.2),
            "Adagrad options" => optim.Adagrad(p, 0.2, 0.1, 0.05, 0.3, 1e-6),
            _ => throw new ArgumentOutOfRangeException(nameof(optimizer), optimizer, "No such optimiser."),
        };

    /// <summary>Three parameters and a loss that leaves the last one out in its second step.</summary>
    private sealed class Problem
    {
        internal Parameter[] Parameters { get; private init; } =
        [nn.Parameter(Sample.Wave(0.37, 3, 2)), nn.Parameter(Sample.Wave(0.21, 4)), nn.Parameter(Sample.Wave(0.5, 2))];

        internal Problem Copy() =>
            new() { Parameters = [.. Parameters.Select(parameter => nn.Parameter(parameter.detach().clone()))] };

        internal Tensor Joined() => nn.utils.parameters_to_vector(Parameters);

        internal void Run(OptimizerHelper optimizer, int from, int steps)
        {
            var (p, q, r) = (Parameters[0], Parameters[1], Parameters[2]);
            for (var step = from; step < from + steps; step++)
            {
                using var scope = NewDisposeScope();
                foreach (var parameter in Parameters)
                {
                    parameter.grad = null;
                }
                var loss = p.mul(p).mul(Sample.Wave(0.7, 3, 2)).sum().add(q.mul(step + 1.0).sin().sum());
                if (step != 1)
                {
                    loss = loss.add(r.pow(4).sum());
                }
                loss.backward();
                optimizer.step();
            }
        }
    }
}
