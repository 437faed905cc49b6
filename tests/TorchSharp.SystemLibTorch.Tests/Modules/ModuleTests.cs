using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibTorch.Tests.Modules;

/// <summary>Registration, modes, conversion and disposal of modules.</summary>
public sealed class ModuleTests
{
    [Fact]
    public void RegisterComponents_OfFields_TakesTheMostDerivedFirstAndTensorsAsBuffers()
    {
        using var scope = NewDisposeScope();

        var module = new Derived();

        Assert.Equal(["scale", "head.weight", "head.bias", "body.weight"], Names(module.named_parameters()));
        Assert.Equal(["shift", "count"], module.named_buffers().Select(named => named.name));
        Assert.Equal(["head", "body"], module.named_children().Select(named => named.name));
    }

    [Fact]
    public void NamedModules_OfANest_ListsChildrenBeforeGrandchildren()
    {
        using var scope = NewDisposeScope();

        var module = nn.Sequential(("a", nn.Sequential(nn.ReLU(), nn.Tanh())), ("b", nn.Identity()));

        Assert.Equal(["a", "b", "a.0", "a.1"], module.named_modules().Select(named => named.name));
        Assert.Equal(4, module.modules().Count());
    }

    [Fact]
    public void Train_AndEval_ReachEveryDescendant()
    {
        using var scope = NewDisposeScope();
        var dropout = nn.Dropout();
        var module = nn.Sequential(nn.Sequential(dropout), nn.ReLU());

        module.eval();
        Assert.False(dropout.training);

        module.train();
        Assert.True(dropout.training);
    }

    [Fact]
    public void ModuleList_OnItsOwn_HasNoParametersUntilAModuleHoldsIt()
    {
        using var scope = NewDisposeScope();
        var list = nn.ModuleList<nn.Module<Tensor, Tensor>>(nn.Linear(2, 2), nn.Linear(2, 1));
        Assert.Empty(list.parameters());

        var holder = new Holder<ModuleList<nn.Module<Tensor, Tensor>>>(list);

        Assert.Equal(
            ["held.0.weight", "held.0.bias", "held.1.weight", "held.1.bias"],
            Names(holder.named_parameters())
        );
        Assert.Equal(2, list.Count);
    }

    [Fact]
    public void ModuleDict_HeldByAModule_RegistersUnderItsKeys()
    {
        using var scope = NewDisposeScope();
        var named = nn.ModuleDict<nn.Module>(("b", nn.Linear(1, 1, hasBias: false)), ("a", nn.Tanh()));

        var holder = new Holder<ModuleDict<nn.Module>>(named);

        Assert.Equal(["held.b.weight"], Names(holder.named_parameters()));
        Assert.Equal(["b", "a"], named.keys());
        Assert.IsType<Tanh>(named["a"]);
    }

    [Fact]
    public void ParameterList_OnItsOwn_NamesParametersByPosition()
    {
        using var scope = NewDisposeScope();

        var list = nn.ParameterList(nn.Parameter(zeros(1)), nn.Parameter(zeros(2)));

        Assert.Equal(["0", "1"], Names(list.named_parameters()));
        Assert.Same(list[1], list.get_parameter("1"));
        Assert.Equal(float64, list.to(float64)[0].dtype);
    }

    [Fact]
    public void Parameters_SharedByTwoChildren_ComeOnce()
    {
        using var scope = NewDisposeScope();
        var shared = nn.Linear(2, 2);

        var module = nn.Sequential(("a", shared), ("b", shared));

        Assert.Equal(["a.weight", "a.bias"], Names(module.named_parameters()));
        Assert.Equal(2, module.parameters().Count());
    }

    [Fact]
    public void Parameter_OfATensor_TakesItsHandleAndScope()
    {
        Parameter parameter;
        using (NewDisposeScope())
        {
            var tensor = ones(2);
            parameter = new Parameter(tensor);
            Assert.True(parameter.requires_grad);
            Assert.True(tensor.IsInvalid);
        }
        Assert.True(parameter.IsInvalid);
    }

    [Fact]
    public void Module_BuiltInAScope_SurvivesIt()
    {
        Linear layer;
        using (NewDisposeScope())
        {
            layer = nn.Linear(2, 1);
        }

        Assert.False(layer.weight.IsInvalid);
        layer.Dispose();
        Assert.True(layer.weight.IsInvalid);
    }

    [Fact]
    public void Dispose_OfAModule_DisposesDescendantsParametersAndBuffers()
    {
        var norm = nn.BatchNorm1d(2);
        var linear = nn.Linear(2, 2);
        var module = nn.Sequential(linear, nn.Sequential(norm));

        module.Dispose();

        Assert.True(linear.weight.IsInvalid);
        Assert.True(norm.weight.IsInvalid);
        Assert.True(norm.running_mean!.IsInvalid);
    }

    [Fact]
    public void To_AnotherType_ConvertsFloatingTensorsInFieldsAndRegistry()
    {
        using var scope = NewDisposeScope();
        var module = new Derived();
        var before = module.scale;

        var same = module.to(float64);

        Assert.Same(module, same);
        Assert.True(before.IsInvalid);
        Assert.Same(module.scale, module.get_parameter("scale"));
        Assert.All(module.parameters(), parameter => Assert.Equal(float64, parameter.dtype));
        Assert.Equal(int64, module.get_buffer("count")!.dtype);
        Assert.Equal(float64, module.get_buffer("shift")!.dtype);
    }

    [Fact]
    public void To_TheSameType_KeepsTheParameters()
    {
        using var scope = NewDisposeScope();
        var layer = nn.Linear(2, 2);
        var weight = layer.weight;

        layer.to(float32).cpu();

        Assert.Same(weight, layer.weight);
        Assert.False(weight.IsInvalid);
    }

    [Fact]
    public void To_AnotherType_KeepsGradientAndWhetherItIsRequired()
    {
        using var scope = NewDisposeScope();
        var layer = nn.Linear(2, 2);
        layer.bias!.requires_grad = false;
        layer.call(ones(1, 2)).sum().backward();

        layer.@double();

        Assert.Equal([1, 1, 1, 1], Sample.Values(layer.weight.grad!));
        Assert.True(layer.weight.requires_grad);
        Assert.False(layer.bias.requires_grad);
        Assert.True(layer.weight.is_leaf);
    }

    [Fact]
    public void ZeroGrad_ByDefault_DropsTheGradients()
    {
        using var scope = NewDisposeScope();
        var layer = nn.Linear(2, 2);
        layer.call(ones(1, 2)).sum().backward();

        layer.zero_grad(set_to_none: false);
        Assert.Equal([0, 0, 0, 0], Sample.Values(layer.weight.grad!));

        layer.zero_grad();
        Assert.Null(layer.weight.grad);
    }

    [Fact]
    public void Apply_VisitsChildrenBeforeTheirParent()
    {
        using var scope = NewDisposeScope();
        var seen = new List<string>();

        nn.Sequential(nn.ReLU(), nn.Sequential(nn.Tanh())).apply(module => seen.Add(module.GetName()));

        Assert.Equal(["ReLU", "Tanh", "Sequential", "Sequential"], seen);
    }

    [Fact]
    public void RegisterModule_TwiceUnderAName_IsRefused()
    {
        using var scope = NewDisposeScope();
        var module = nn.Sequential(("a", nn.ReLU()));

        Assert.Throws<InvalidOperationException>(() => module.register_module("a", nn.ReLU()));
        Assert.Throws<ArgumentException>(() => module.register_module("a.b", nn.ReLU()));
    }

    [Fact]
    public void RegisterBuffer_NotPersistent_StaysOutOfTheState()
    {
        using var scope = NewDisposeScope();
        var module = nn.Sequential();
        module.register_buffer("kept", ones(1));
        module.register_buffer("scratch", ones(1), persistent: false);

        Assert.Equal(["kept", "scratch"], module.named_buffers().Select(named => named.name));
        Assert.Equal(["kept"], module.state_dict().Keys);
        Assert.True(module.has_buffer("scratch"));
        Assert.Throws<InvalidOperationException>(() => module.register_buffer("kept", ones(1)));
    }

    [Fact]
    public void GetParameter_ByAPath_FindsADescendantsOrNothing()
    {
        using var scope = NewDisposeScope();
        var module = new Derived();

        Assert.NotNull(module.get_parameter("head.weight"));
        Assert.True(module.has_parameter("head.weight"));
        Assert.Null(module.get_parameter("head.missing"));
        Assert.Null(module.get_parameter("nobody.weight"));
    }

    [Fact]
    public void Sequential_EmptyOrSliced_PassesThroughItsLinksOnly()
    {
        using var scope = NewDisposeScope();
        var module = nn.Sequential(nn.ReLU(), nn.Tanh(), nn.Flatten());

        Assert.Equal([-1], Sample.Values(nn.Sequential().call(tensor(new double[] { -1 }))));
        Assert.Equal(2, module[..2].Count);
        Assert.IsType<Tanh>(module[1]);
    }

    [Fact]
    public void Sequential_WithAModuleThatReturnsItsInput_DoesNotDisposeIt()
    {
        using var scope = NewDisposeScope();
        var input = ones(1, 2);

        var output = nn.Sequential(new Passing(), nn.Linear(2, 2), new Passing()).call(input);

        Assert.False(input.IsInvalid);
        Assert.Equal([1, 2], output.shape);
    }

    private static IEnumerable<string> Names(IEnumerable<(string name, Parameter parameter)> named) =>
        named.Select(parameter => parameter.name);

    private sealed class Passing() : nn.Module<Tensor, Tensor>("Passing")
    {
        public override Tensor forward(Tensor input) => input;
    }

    private sealed class Holder<T> : nn.Module
        where T : nn.Module
    {
        private readonly T held;

        internal Holder(T held)
            : base("Holder")
        {
            this.held = held;
            RegisterComponents();
        }
    }

    private class Base : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> body = nn.Linear(2, 2, hasBias: false);
        private readonly Tensor count = zeros(1, dtype: int64);

        protected Base()
            : base("Base") { }

        public override Tensor forward(Tensor input) => body.call(input).add(count);
    }

    private sealed class Derived : Base
    {
        internal readonly Parameter scale = nn.Parameter(ones(1));

        [ComponentName(Name = "head")]
        private readonly nn.Module<Tensor, Tensor> classifier = nn.Linear(2, 3);

        private readonly Tensor shift = zeros(1);

        internal Derived() => RegisterComponents();

        public override Tensor forward(Tensor input) => classifier.call(base.forward(input)).mul(scale).add(shift);
    }
}
